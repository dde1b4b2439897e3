package station_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/typed"
)

var (
	office  = station.Who{Account: "u-office", Name: "钱进", Role: station.RoleCity, City: true}
	leader  = station.Who{Account: "u-leader", Name: "孙建", Role: station.RoleLeader, City: true}
	visitor = station.Who{Account: "u-visit", Name: "钱进", Role: station.RoleCity} // an account of the same role at a station
)

// realm is the city and two stations, with the entries carried between
// them as the sync does, but by hand.
type realm struct {
	testing.TB
	city, one, two *outpost
}

type outpost struct {
	*station.Desk
	led  *bolt.Ledger
	path string
	code string
	now  *time.Time
}

func newRealm(t testing.TB) *realm {
	t.Helper()
	now := monday
	dir := t.TempDir()
	open := func(code string) *outpost {
		p := &outpost{code: code, path: filepath.Join(dir, code+".db"), now: &now}
		p.open(t)
		t.Cleanup(func() {
			if _, err := p.led.Check(context.Background(), func(f ledger.Fault) { t.Errorf("%s: %s", code, f) }); err != nil {
				t.Errorf("%s: check: %v", code, err)
			}
			if err := p.led.Close(); err != nil {
				t.Error(err)
			}
		})
		return p
	}
	w := &realm{t, open("city"), open("QA01"), open("ST02")}
	for code, p := range map[string]*outpost{"QA01": w.one, "ST02": w.two} {
		if err := p.SetInfo(p.Owner(), station.Info{Code: code, Name: code + " 站"}); err != nil {
			t.Fatal(err)
		}
	}
	w.carry()
	return w
}

func (p *outpost) open(t testing.TB) {
	t.Helper()
	var err error
	clock := func() time.Time { return *p.now }
	if p.led, err = bolt.Open(p.path, bolt.Options{Writer: p.code, Indexes: station.Indexes(), Now: clock}); err != nil {
		t.Fatal(err)
	}
	if p.Desk, err = station.Open(p.led, station.Options{Now: clock}); err != nil {
		t.Fatal(err)
	}
}

func (p *outpost) restart(t testing.TB) {
	t.Helper()
	if err := p.led.Close(); err != nil {
		t.Fatal(err)
	}
	p.open(t)
}

// carry brings everything where it belongs: a station's streams to the city
// without private bodies, the city's for everyone and for one station there.
func (w *realm) carry() {
	w.Helper()
	move := func(from, to *outpost, goes func(ledger.Stream) bool) {
		heads, err := from.led.Heads()
		if err != nil {
			w.Fatal(err)
		}
		for _, h := range heads {
			have, err := to.led.Head(h.Stream)
			if err != nil {
				w.Fatal(err)
			}
			if !goes(h.Stream) || have.Seq == h.Seq {
				continue
			}
			es, err := from.led.Since(h.Stream, have.Seq, 10_000)
			if err != nil {
				w.Fatal(err)
			}
			for i, e := range es {
				if station.Withheld(from.led, e) {
					es[i] = e.Withhold()
				}
			}
			if _, err := to.Ledger().Commit(context.Background(), ledger.Change{Foreign: es}); err != nil {
				w.Fatalf("carry %s to %s: %v", h.Stream, to.code, err)
			}
		}
	}
	for _, p := range []*outpost{w.one, w.two} {
		move(p, w.city, func(s ledger.Stream) bool { return s.Writer() == p.code })
		move(w.city, p, func(s ledger.Stream) bool {
			return s.Writer() == "city" && (s.Reader() == "" || s.Reader() == p.code)
		})
	}
}

func (w *realm) receive(p *outpost, r station.Reception) station.Saved {
	w.Helper()
	s, err := p.Receive(attendant, r, false, "")
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// The city reads every station's receptions, each under the station that
// wrote it, with the voter's name where it was sent and nowhere else.
func TestTheCityReadsAllStations(t *testing.T) {
	w := newRealm(t)
	if !w.city.AtCity() || w.one.AtCity() {
		t.Fatal("who is the city?")
	}
	here := lamp()
	handed := lamp()
	handed.Voter.Name, handed.Voter.Phone = "单雄信", "13700137000"
	handed.Matters[0].Disposition = "city"
	a, b := w.receive(w.one, here), w.receive(w.two, handed)
	if err := w.city.Warm(); err != nil {
		t.Fatal(err)
	}
	w.carry() // the lists are filled already and follow
	for range 2 {
		rows, err := w.city.List(office, station.Query{})
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, r := range rows {
			want := map[station.Number][2]string{a.Number: {"QA01", ""}, b.Number: {"ST02", "单雄信"}}[r.Number]
			if r.Station != want[0] || r.Name != want[1] {
				t.Errorf("%s lies under %q by %q, want %q", r.Number, r.Station, r.Name, want)
			}
		}
		rows, err = w.city.List(leader, station.Query{Station: "ST02", Text: "单雄信"})
		if err != nil || len(rows) != 1 || rows[0].Number != b.Number {
			t.Errorf("ST02's: %v, %v", rows, err)
		}
		if rows, _ := w.city.List(office, station.Query{Station: "QA01", Text: "单雄信"}); len(rows) != 0 {
			t.Errorf("found under the wrong station: %v", rows)
		}
		f, _, err := w.city.Lookup(office, string(b.Number))
		if err != nil || f.Station != "ST02" || f.Voter.Name != "单雄信" || f.Voter.Phone != "13700137000" {
			t.Errorf("%+v, %v", f, err)
		}
		if f, _, err := w.city.Lookup(office, string(a.Number)); err != nil || f.Voter != (station.Voter{}) {
			t.Errorf("a name that was not sent: %+v, %v", f.Voter, err)
		}
		w.city.restart(t) // and after a start
	}
	if got := w.city.Stations(); len(got) != 2 || w.city.StationName("QA01") != "QA01 站" || w.city.StationName("ZZ99") != "ZZ99" {
		t.Errorf("stations %v", got)
	}
}

// What one does at a station cannot be done at the city, whoever one is, and
// the other way round.
func TestRightsAtTheCity(t *testing.T) {
	w := newRealm(t)
	owner := w.city.Owner()
	if owner.May(station.RightRecord) || !owner.May(station.RightRules) || !owner.May(station.RightBackup) || station.Owner().May(station.RightRules) {
		t.Error("the owner's rights do not follow the side")
	}
	_, err := w.city.Receive(owner, lamp(), false, "")
	problem(t, err, station.ErrForbidden)
	for who, want := range map[*station.Who]string{&leader: station.ErrForbidden, &visitor: station.ErrForbidden} {
		_, err := w.city.PutUnits(*who, []station.UndertakingUnit{{Code: "U1", Name: "城管局", Kind: "gov"}})
		problem(t, err, want)
	}
	_, err = w.one.PutUnits(head, []station.UndertakingUnit{{Code: "U1", Name: "城管局", Kind: "gov"}})
	problem(t, err, "city-only")
	_, err = w.one.PutUnits(visitor, []station.UndertakingUnit{{Code: "U1", Name: "城管局", Kind: "gov"}})
	problem(t, err, "city-only")

	u, err := w.city.AddUser(owner, station.User{Name: "钱进", Role: station.RoleCity}, "2580")
	if err != nil || !u.Who().City {
		t.Fatalf("%+v, %v", u, err)
	}
	if _, err := w.city.AddUser(owner, station.User{Name: "张敏", Role: station.RoleAttendant}, "2580"); err == nil {
		t.Error("an attendant at the city")
	}
	in, err := w.city.CheckPIN(station.Nobody("screen", ""), u.ID, "2580")
	if err != nil || !in.Who().May(station.RightRules) || in.Who().May(station.RightRecord) {
		t.Errorf("signed in as %+v, %v", in.Who(), err)
	}
	lines, err := w.city.AuditLog(owner, station.AuditQuery{})
	if err != nil || len(lines) != 2 || lines[0].Act != station.ActSignIn || lines[1].Act != station.ActUserAdd {
		t.Errorf("the city's audit log: %+v, %v", lines, err)
	}
	w.carry()
	for _, p := range []*outpost{w.one, w.two} {
		if h, err := p.led.Head(w.city.led.Own().For("audit")); err != nil || h.Seq != 0 {
			t.Errorf("the city's audit log came to %s: %+v, %v", p.code, h, err)
		}
	}
}

// A local import and receptions with its codes come first; the city's roster
// takes its place, links hold, and importing once more changes nothing.
func TestTheCitysRosterReplacesALocalImport(t *testing.T) {
	w := newRealm(t)
	local := []station.Deputy{{Code: "D001", Name: "李建国", Post: "本站所记"}, {Code: "D002", Name: "王秀英"}}
	if n, err := w.one.PutDeputies(head, local); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := w.one.PutVillages(head, []station.Village{{Code: "321181002001", Town: "曲阿街道", Name: "前艾"}}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	r := lamp()
	r.Voter.Village, r.Session.Deputies, r.Matters[0].Deputy = "321181002001", []string{"D001"}, "D001"
	s := w.receive(w.one, r)
	w.carry()
	if v, ok := w.city.Deputy("D001"); !ok || v.Post != "本站所记" {
		t.Errorf("the city sees no import of a station: %+v", v)
	}
	roster := []station.Deputy{{Code: "D001", Name: "李建国", Post: "曲阿小学 校长"}, {Code: "D002", Name: "王秀英"}, {Code: "D003", Name: "陈平"}}
	if n, err := w.city.PutDeputies(office, roster); n != 3 || err != nil {
		t.Fatalf("%d written, %v; the city writes its own also where a station said the same", n, err)
	}
	if n, err := w.city.PutDeputies(office, roster); n != 0 || err != nil {
		t.Errorf("a second time %d, %v", n, err)
	}
	if n, err := w.city.PutVillages(office, []station.Village{{Code: "321181002001", Town: "曲阿街道", Name: "前艾村"}}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	w.carry()
	for range 2 {
		for _, p := range []*outpost{w.one, w.two} {
			if v, _ := p.Deputy("D001"); v.Post != "曲阿小学 校长" || len(p.Deputies()) != 3 || p.VillageName("321181002001") != "曲阿街道 前艾村" {
				t.Errorf("%s holds %+v of %d, %s", p.code, v, len(p.Deputies()), p.VillageName("321181002001"))
			}
		}
		f, _, err := w.one.Lookup(attendant, string(s.Number))
		if err != nil || f.Matters[0].Deputy != "D001" || !slices.Equal(f.Session.Deputies, []string{"D001"}) {
			t.Fatalf("the link is gone: %+v, %v", f, err)
		}
		if rows, err := w.one.List(station.Who{Account: "u-d", Role: station.RoleDeputy, Deputy: "D001"}, station.Query{}); err != nil || len(rows) != 1 {
			t.Errorf("the deputy finds %d of one, %v", len(rows), err)
		}
		if n, err := w.one.PutDeputies(head, local); n != 0 || err != nil {
			t.Errorf("the local import wrote %d over the city's roster, %v", n, err)
		}
		w.one.restart(t)
		w.two.restart(t)
	}
}

// Units, leaders, committees and groups go to everyone; what is wrong is named
// by its place.
func TestUnitsAndBodies(t *testing.T) {
	w := newRealm(t)
	if _, err := w.city.PutDeputies(office, []station.Deputy{{Code: "D001", Name: "李建国"}}); err != nil {
		t.Fatal(err)
	}
	us := []station.UndertakingUnit{{Code: "GA", Name: "公安局", Kind: "gov", Categories: []string{"61", "12"}}, {Code: "CG", Name: "城市管理局", Categories: []string{"1"}, Kind: "gov"},
		{Code: "OLD", Name: "市容局", Kind: "gov", Ended: true, Categories: []string{"12"}}}
	if n, err := w.city.PutUnits(office, us); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := w.city.PutLeaders(office, []station.Leader{{Code: "L1", Name: "周正", Post: "副市长", Categories: []string{"1"}}, {Code: "L2", Name: "吴明", Categories: []string{"12"}}}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := w.city.PutCommittees(office, []station.Committee{{Code: "HZ", Name: "环资城建工委", Categories: []string{"1"}}}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := w.city.PutGroups(office, []station.Group{{Code: "G3", Name: "第三代表小组", Station: "qa01", Head: "D001"}}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	w.carry()
	d := w.two
	if us := d.UnitsFor("12"); len(us) != 2 || us[0].Code != "GA" || us[1].Code != "CG" {
		t.Errorf("units for 12: %+v", us)
	}
	if us := d.FindUnits("csgl"); len(us) != 1 || us[0].Code != "CG" {
		t.Errorf("by initials: %+v", us)
	}
	if l, ok := d.LeaderFor("12"); !ok || l.Code != "L2" {
		t.Errorf("the leader of 12 is %+v", l)
	}
	if l, ok := d.LeaderFor("13"); !ok || l.Code != "L1" {
		t.Errorf("the leader of 13 is %+v", l)
	}
	if c, ok := d.CommitteeFor("13"); !ok || c.Code != "HZ" || d.UnitName("CG") != "城市管理局" || d.UnitName("某单位") != "某单位" {
		t.Errorf("the committee of 13 is %+v", c)
	}
	if got := d.StationsOf("D001", "D009"); !slices.Equal(got, []string{"QA01"}) {
		t.Errorf("D001 concerns %v", got)
	}
	_, err := w.city.PutUnits(office, []station.UndertakingUnit{{Code: "A", Name: "对", Kind: "gov"}, {Code: "B", Name: "错", Kind: "ministry", Parent: "B"}})
	faulty(t, err, "unit[1].kind", "unknown-word")
	faulty(t, err, "unit[1].parent", "unit-own-parent")
	_, err = w.city.PutGroups(office, []station.Group{{Code: "G4", Name: "x", Station: "q", Members: []string{"D404"}}})
	faulty(t, err, "group[0].station", "station-form")
	faulty(t, err, "group[0].members", "deputy-unknown")
}

// A notice to all, a letter to one: each station sees its own, and what comes
// back says who, where and when.
func TestNoticesComeBackReadAndLettersAnswered(t *testing.T) {
	w := newRealm(t)
	n, err := w.city.SendLetter(office, station.KindNotice, station.Letter{Title: "关于预算调整的通报", Text: "正文\n第二行", Read: true}, nil)
	if err != nil || n.To != nil || n.From != "市人大" {
		t.Fatalf("%+v, %v", n, err)
	}
	due := typed.Date{Year: 2026, Month: 12, Day: 1}
	c, err := w.city.SendLetter(office, station.KindConsult, station.Letter{Title: "征询停车意见", Text: "贵站有何意见?", Due: due}, []string{"st02", "ST02 "})
	if err != nil || !slices.Equal(c.To, []string{"ST02"}) {
		t.Fatalf("%+v, %v", c, err)
	}
	both, err := w.city.SendLetter(office, station.KindNotice, station.Letter{Title: "给两个站", Text: "x"}, []string{"QA01", "ST02"})
	if err != nil {
		t.Fatal(err)
	}
	if rec, err := w.city.led.Record(station.KindNotice, both.Letter.Letter+".QA01"); err != nil || rec.Stream != w.city.led.Own().For("QA01") ||
		len(rec.Seen) != 1 || rec.Seen[0].Stream != w.one.led.Own() {
		t.Errorf("an entry for one station lies in %s and has seen %v, %v", rec.Stream, rec.Seen, err)
	}
	w.carry()
	ns, err := w.one.Letters(deputy1, station.KindNotice)
	if err != nil || len(ns) != 2 {
		t.Fatalf("QA01 sees %+v, %v", ns, err)
	}
	if cs, err := w.one.Letters(head, station.KindConsult); err != nil || len(cs) != 0 {
		t.Errorf("QA01 sees ST02's letter: %+v, %v", cs, err)
	}
	for _, x := range ns {
		if x.Letter.Letter == both.Letter.Letter && !slices.Equal(x.To, []string{"QA01"}) {
			t.Errorf("QA01 learns of %v", x.To)
		}
	}
	if unread, unanswered, err := w.two.LettersWaiting(head); unread != 2 || unanswered != 1 || err != nil {
		t.Errorf("%d unread, %d unanswered, %v", unread, unanswered, err)
	}
	*w.one.now = monday.Add(time.Hour)
	for _, who := range []station.Who{head, deputy1, head} {
		if err := w.one.MarkRead(who, n.Letter.Letter); err != nil {
			t.Fatal(err)
		}
	}
	problem(t, w.two.AnswerLetter(deputy1, c.Letter.Letter, "x"), station.ErrForbidden)
	faulty(t, w.two.AnswerLetter(head, c.Letter.Letter, " \n"), "text", "text-missing")
	for _, text := range []string{"建议增加车位", "建议增加车位,并错时共享"} {
		if err := w.two.AnswerLetter(head, c.Letter.Letter, text); err != nil {
			t.Fatal(err)
		}
	}
	w.carry()
	for range 2 {
		ns, err = w.city.Letters(leader, station.KindNotice)
		if err != nil || len(ns) != 2 {
			t.Fatalf("%+v, %v", ns, err)
		}
		i := slices.IndexFunc(ns, func(p station.Posted) bool { return p.Letter.Letter == n.Letter.Letter })
		if rs := ns[i].Reads; len(rs) != 2 || rs[0].Station != "QA01" || rs[0].Name != "李建国" || !rs[0].At.Equal(monday.Add(time.Hour)) || rs[1].Name != "周立" {
			t.Errorf("reads %+v", rs)
		}
		if s := ns[i].Silent(w.city.Stations()); !slices.Equal(s, []string{"ST02"}) {
			t.Errorf("silent: %v", s)
		}
		cs, err := w.city.Letters(office, station.KindConsult)
		if err != nil || len(cs) != 1 || len(cs[0].Answers) != 1 || cs[0].Answers[0].Text != "建议增加车位,并错时共享" || cs[0].Answers[0].Station != "ST02" {
			t.Errorf("answers %+v, %v", cs, err)
		}
		w.city.restart(t)
	}
	_, err = w.city.SendLetter(office, station.KindConsult, station.Letter{Title: "x", Due: typed.Date{Year: 2026, Month: 1, Day: 1}}, []string{"ZZ99"})
	faulty(t, err, "text", "text-missing")
	faulty(t, err, "due", "due-past")
	faulty(t, err, "to", "station-unknown")
	_, err = w.one.SendLetter(head, station.KindNotice, station.Letter{Title: "x", Text: "y"}, nil)
	problem(t, err, "city-only")
}

// A kind that this program has never heard of passes both ways, bytes and all,
// and is shown as what it is.
func TestUnknownKindsPassBothWays(t *testing.T) {
	w := newRealm(t)
	put := func(p *outpost, s ledger.Stream, id string, body string) {
		t.Helper()
		if _, err := p.Ledger().Commit(context.Background(), ledger.Change{New: []ledger.New{{Stream: s, Kind: "hologram", ID: ledger.ID(id), By: "u-new", Body: []byte(body)}}}); err != nil {
			t.Fatal(err)
		}
	}
	down, private, up := `{"from":"a newer city", "x":[1,2]}`, `{"for":"QA01"}`, `{"from": "a newer kiosk"}`
	put(w.city, "", "h1", down)
	put(w.city, w.city.led.Own().For("QA01"), "h2", private)
	put(w.two, "", "h3", up)
	w.carry()
	for _, c := range []struct {
		p      *outpost
		id     ledger.ID
		stream ledger.Stream
		body   string
		n      int
	}{{w.one, "h1", w.city.led.Own(), down, 2}, {w.one, "h2", w.city.led.Own().For("QA01"), private, 2}, {w.two, "h1", w.city.led.Own(), down, 2}, {w.city, "h3", w.two.led.Own(), up, 3}} {
		rec, err := c.p.led.Record("hologram", c.id)
		if err != nil || string(rec.Body) != c.body || rec.Stream != c.stream {
			t.Errorf("%s has %s as %q in %s, %v", c.p.code, c.id, rec.Body, rec.Stream, err)
		}
		others, err := c.p.OtherKinds()
		if err != nil || !slices.Equal(others, []station.KindCount{{Kind: "hologram", Count: c.n}}) {
			t.Errorf("%s shows %v, %v", c.p.code, others, err)
		}
	}
	if l := station.KindLabel("hologram"); l.ZH != "hologram" {
		t.Errorf("shown as %v", l)
	}
	if _, err := w.two.led.Record("hologram", "h2"); err == nil {
		t.Error("ST02 holds what was for QA01")
	}
}
