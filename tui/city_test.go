package tui

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/typed"
)

// sampleCity is a city with two stations' receptions, lists, letters and an
// office. Entries are carried by hand as the sync does.
type sampleCity struct {
	testing.TB
	desk, one     *station.Desk
	office, admin station.Who
	head          station.Who // of the station
	roll          *fakeRoll
}

// fakeRoll is a roll that says what a test says.
type fakeRoll struct {
	all     []StationState
	invited []string
}

func (r *fakeRoll) Stations() ([]StationState, error) { return r.all, nil }

func (r *fakeRoll) Invite(who station.Who, code string) (string, error) {
	if err := who.Need(station.RightSettings); err != nil {
		return "", err
	}
	r.invited = append(r.invited, code)
	return "7K2MX-P4QRT-9HWZB", nil
}

func newSampleCity(t testing.TB) *sampleCity {
	t.Helper()
	led, err := bolt.Open(filepath.Join(t.TempDir(), "city.db"), bolt.Options{Writer: "city", Indexes: station.Indexes()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := led.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &sampleCity{TB: t}
	if c.desk, err = station.Open(led, station.Options{}); err != nil {
		t.Fatal(err)
	}
	one, ps := sampleDesk(t)
	c.one, c.head = one, ps.head
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	o := c.desk.Owner()
	must(c.desk.SetInfo(o, station.Info{Code: "city", Name: "丹阳市人大"}))
	for _, u := range []struct {
		name string
		role station.Role
		to   *station.Who
	}{{"钱进", station.RoleCity, &c.office}, {"郑工", station.RoleAdmin, &c.admin}} {
		made, err := c.desk.AddUser(o, station.User{Name: u.name, Role: u.role}, "2580")
		must(err)
		*u.to = made.Who()
	}
	_, err = c.desk.PutUnits(c.office, []station.UndertakingUnit{{Code: "GA", Name: "公安局", Kind: "gov", Contact: "周明", Phone: "0511-86000001", Leader: "L1", Categories: []string{"61", "12"}},
		{Code: "CG", Name: "城市管理局", Kind: "gov", Contact: "吴勇", Categories: []string{"1"}}, {Code: "QA", Name: "曲阿街道办事处", Kind: "town"}, {Code: "SR", Name: "市容局", Kind: "gov", Ended: true}})
	must(err)
	_, err = c.desk.PutLeaders(c.office, []station.Leader{{Code: "L1", Name: "周正", Post: "副市长", Portfolio: "公安、司法、城管", Categories: []string{"6", "1"}}})
	must(err)
	_, err = c.desk.PutCommittees(c.office, []station.Committee{{Code: "HZ", Name: "环资城建工委", Contact: "孙洁", Categories: []string{"1"}}})
	must(err)
	_, err = c.desk.PutDeputies(c.office, []station.Deputy{{Code: "D001", Name: "李建国", Post: "曲阿小学 校长", Mandates: []station.Mandate{{Level: "市", Group: "第三代表小组"}}}})
	must(err)
	_, err = c.desk.PutGroups(c.office, []station.Group{{Code: "G3", Name: "第三代表小组", Station: "QA01", Head: "D001", Members: []string{"D001"}}})
	must(err)
	_, err = c.desk.PutCalendars(c.office, []station.YearCalendar{{Code: "2026", Days: []station.CalendarDay{{Date: typed.Date{Year: 2026, Month: 10, Day: 1}, Name: "国庆节"},
		{Date: typed.Date{Year: 2026, Month: 10, Day: 10}, Work: true, Name: "国庆节"}}}})
	must(err)
	c.carry()
	_, err = c.desk.SendLetter(c.office, station.KindNotice, station.Letter{Title: "关于市级预算调整的通报", Text: "各代表联络站:\n市十八届人大常委会第二十次会议批准了市级预算调整方案,现予通报。", DocNo: "丹人发〔2026〕31号", Read: true}, nil)
	must(err)
	time.Sleep(time.Second)
	_, err = c.desk.SendLetter(c.office, station.KindConsult, station.Letter{Title: "征询停车管理条例意见", Text: "请就条例草案第六条征求选民意见后回函。", Due: typed.Date{Year: 2026, Month: 12, Day: 1}}, []string{"QA01"})
	must(err)
	c.carry()
	c.roll = &fakeRoll{all: []StationState{
		{Code: "QA01", Name: "曲阿街道代表联络站", Since: monday.AddDate(0, -3, 0), Seen: monday.Add(-2 * time.Hour), Entries: 412, Version: "v1.2.0"},
		{Code: "ST02", Name: "司徒镇代表联络站", Since: monday.AddDate(0, -2, 0), Seen: monday.AddDate(0, 0, -9), Entries: 1207, Skew: 11 * time.Minute, Doubts: 2, Version: "v1.1.4", Other: true},
		{Code: "YL03", Name: "延陵镇代表联络站", Since: monday.AddDate(0, -2, 0), Seen: monday.Add(-time.Hour), Entries: 88, Forks: []string{"YL03/A-q1w2#57"}, Strange: 3},
		{Code: "LC04", Invited: monday.Add(20 * time.Hour)}}}
	return c
}

// carry brings the station's entries to the city and the city's to the station.
func (c *sampleCity) carry() {
	c.Helper()
	move := func(from, to *station.Desk, goes func(ledger.Stream) bool) {
		heads, err := from.Ledger().Heads()
		if err != nil {
			c.Fatal(err)
		}
		for _, h := range heads {
			have, err := to.Ledger().Head(h.Stream)
			if err != nil {
				c.Fatal(err)
			}
			if !goes(h.Stream) || have.Seq == h.Seq {
				continue
			}
			es, err := from.Ledger().Since(h.Stream, have.Seq, 10_000)
			if err != nil {
				c.Fatal(err)
			}
			for i, e := range es {
				if station.Withheld(from.Ledger(), e) {
					es[i] = e.Withhold()
				}
			}
			if _, err := to.Ledger().Commit(context.Background(), ledger.Change{Foreign: es}); err != nil {
				c.Fatal(err)
			}
		}
	}
	move(c.one, c.desk, func(s ledger.Stream) bool { return s.Writer() == "QA01" })
	move(c.desk, c.one, func(s ledger.Stream) bool {
		return s.Writer() == "city" && (s.Reader() == "" || s.Reader() == "QA01")
	})
}

func (c *sampleCity) config() Config {
	cfg := sampleConfig(c.desk, nil)
	cfg.Roll = c.roll
	return cfg
}

// The city's pages as its office sees them, in both languages, on a small and
// on a large screen; and the station's pages of what came from the city.
func TestGoldenCity(t *testing.T) {
	eachLook(t, func(t *testing.T, l look) {
		c := newSampleCity(t)
		for _, d := range []*station.Desk{c.desk, c.one} {
			set := d.Settings()
			set.Language = l.language
			if err := d.SaveSettings(d.Owner(), set); err != nil {
				t.Fatal(err)
			}
		}
		s := sit(t, c.config(), Caller{Who: c.office}, l.w, l.h)
		for _, p := range []struct {
			name string
			keys []string
		}{
			{"city-home", nil}, {"city-register", []string{"1"}}, {"city-filter", []string{"f5"}}, {"city-stations", []string{"esc", "esc", "2"}},
			{"city-letters", []string{"esc", "3"}}, {"city-letter", []string{"enter"}}, {"city-writing", []string{"esc", "f6"}},
			{"city-units", []string{"esc", "esc", "4"}}, {"city-leaders", []string{"f5"}}, {"city-groups", []string{"f5", "f5"}}, {"city-rules", []string{"esc", "5"}},
		} {
			s.press(p.keys...)
			s.golden(p.name + "." + l.name)
		}
		at := sit(t, sampleConfig(c.one, enrolled()), Caller{Who: c.head}, l.w, l.h)
		at.golden("letters-home." + l.name)
		at.press("f7")
		at.golden("letters." + l.name)
		at.press("enter")
		at.golden("letter." + l.name)
	})
}

// A notice is written on screen, goes to a station, is marked as read there
// and comes back so; a request comes back with its answer.
func TestANoticeGoesOutAndComesBackRead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		office := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		time.Sleep(time.Minute)
		office.press("3", "f6")
		f := office.m.top().(*writingPage).f
		office.to(f, "title")
		office.typed("关于换届选举的通报")
		office.press("enter")
		office.typed("请各站做好准备。")
		office.press("f10")
		office.see("不能收回", "各站")
		office.press("right", "enter")
		office.see("已发出《关于换届选举的通报》", "已阅 0/1 站")
		c.carry()

		head := sit(t, sampleConfig(c.one, enrolled()), Caller{Who: c.head}, MinWidth, MinHeight)
		head.see("通报未阅 2", "待回函 1")
		head.press("f7")
		head.see("未阅", "待回函", "关于换届选举的通报")
		head.press("enter")
		head.see("请各站做好准备", "登记阅知")
		head.press("f10")
		head.see("已登记阅知", "周立")
		head.press("esc", "down")
		if l, ok := head.m.top().(*lettersPage).marked(); !ok || l.Kind != station.KindConsult {
			head.press("down")
		}
		head.press("enter", "f10")
		head.typed("建议增加夜间车位。")
		head.press("f10")
		head.see("回函已保存", "建议增加夜间车位")
		head.press("esc")
		head.see("已回函", "已阅")
		c.carry()

		time.Sleep(time.Second)
		office.settle()
		office.see("已阅 1/1 站", "回函 1/1")
		office.press("home", "enter")
		office.see("已阅", "周立", "曲阿街道代表联络站")
	})
}

// A code to join with is given by who may, and read off the screen.
func TestAStationIsInvitedOnScreen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		s := sit(t, c.config(), Caller{Who: c.admin}, MinWidth, MinHeight)
		s.press("2")
		s.see("YL03", "分叉", "9 天没有联系")
		s.press("f6")
		s.typed("lc04")
		s.press("enter")
		s.see("7K2MX-P4QRT-9HWZB", "LC04")
		if len(c.roll.invited) != 1 || c.roll.invited[0] != "LC04" {
			t.Errorf("invited %v", c.roll.invited)
		}
		office := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		office.press("2")
		office.seeNot("发接入码")
		office.press("f6")
		office.see("没有这项权限")
	})
}

// What a newer program at the city has written is kept, and said on the page
// where one looks at the sync.
func TestOtherRecordsAreShown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		if _, err := c.desk.Ledger().Commit(context.Background(), ledger.Change{New: []ledger.New{{Kind: "hologram", ID: "h1", By: "u-new", Body: []byte(`{"x":1}`)}}}); err != nil {
			t.Fatal(err)
		}
		c.carry()
		s := sit(t, sampleConfig(c.one, enrolled()), Caller{Who: c.head}, MinWidth, MinHeight)
		s.press("6")
		s.see("其他记录", "1 条本程序不认识(hologram)")
	})
}

// A letter that was begun is there again after the page was left.
func TestALetterIsADraftUntilItIsSent(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		s := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		s.press("3", "f6")
		s.typed("关于换届选举的通报")
		s.press("enter")
		s.typed("请各站做好准备。")
		s.press("esc")
		s.seeNot("关于换届选举")
		again := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		again.press("3", "f6")
		again.see("关于换届选举的通报", "请各站做好准备。")
		again.press("f10", "right", "enter")
		again.see("已发出《关于换届选举的通报》")
		again.press("f6")
		again.seeNot("关于换届选举的通报")
	})
}
