package tui

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liaison/station"
	"liaison/station/typed"
)

// doors is who is connected in a test.
type doors struct {
	guests []Guest
	ended  []string
	err    error
}

func (d *doors) Guests() []Guest { return slices.Clone(d.guests) }

func (d *doors) End(_ station.Who, id string) error {
	if d.err != nil {
		return d.err
	}
	d.ended = append(d.ended, id)
	d.guests = slices.DeleteFunc(d.guests, func(g Guest) bool { return g.ID == id })
	return nil
}

func sampleDoors(ps people) *doors {
	at := func(w station.Who, door, remote string) station.Who { w.Door, w.Remote = door, remote; return w }
	page := station.Text{ZH: "台账", EN: "Register"}
	return &doors{guests: []Guest{
		{ID: "S5", Who: at(ps.head, "screen", ""), Since: monday.Add(-time.Minute), Last: monday, Doing: station.Text{ZH: "在线", EN: "Connected"}},
		{ID: "S4", Who: at(ps.town, "ssh", "192.0.2.17:50122"), Command: true, Since: monday.Add(-2 * time.Minute), Doing: station.Text{ZH: "list", EN: "list"}},
		{ID: "S3", Who: at(ps.deputy, "ssh", "[2001:db8:7a1f:42::9:17]:50123"), Since: monday.Add(-50 * time.Minute), Last: monday.Add(-40 * time.Minute), Doing: page},
		{ID: "S2", Who: at(ps.attendant, "ssh", "192.0.2.18:50124"), Since: monday.Add(-26 * time.Hour), Last: monday.Add(-time.Hour), Doing: station.Text{ZH: "接待登记", EN: "Reception"}},
		{ID: "S1", Who: station.Who{Door: "screen"}, Since: monday.AddDate(0, 0, -3), Doing: station.Text{ZH: "登录", EN: "Sign in"}},
	}}
}

// Who is connected, in both languages, on a small and on a large screen.
func TestGoldenGuests(t *testing.T) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"80x24", 80, 24}, {"140x45", 140, 45}} {
		for _, language := range []string{"zh", "en"} {
			t.Run(size.name+"."+language, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					d, ps := sampleDesk(t)
					set := d.Settings()
					set.Language = language
					if err := d.SaveSettings(ps.head, set); err != nil {
						t.Fatal(err)
					}
					cfg := sampleConfig(d, enrolled())
					cfg.Guests = sampleDoors(ps)
					s := sit(t, cfg, Caller{Who: ps.head, ID: "S5"}, size.w, size.h)
					s.press("0", "down", "down")
					s.golden("guests." + size.name + "." + language)
				})
			})
		}
	}
}

// The head ends a session after a question; one's own is not ended here; a
// refusal is said in words. Others have no such page.
func TestASessionIsEndedFromTheScreen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		for _, who := range []station.Who{ps.head, ps.admin} {
			g := sampleDoors(ps)
			s := sit(t, Config{Desk: d, Guests: g}, Caller{Who: who, ID: "S5"}, MinWidth, MinHeight)
			s.press("0")
			s.see("(自己)", "192.0.2.17", "命令 list", "(未登录)")
			s.press("f8")
			s.see("您自己的会话")
			s.press("down", "down", "f8")
			s.see("结束 李建国(2001:db8:7a1f:42::9:17)的会话")
			s.press("enter") // 取消 is marked
			s.see("李建国")
			s.press("f8", "right", "enter")
			s.see("已结束 李建国 的会话")
			if !slices.Equal(g.ended, []string{"S3"}) {
				t.Errorf("ended %v", g.ended)
			}
			g.err = typed.Problem{Code: "guest-gone", ZH: "这个会话已经结束了。", EN: "This session has ended already."}
			s.press("f8", "right", "enter")
			s.see("已经结束了")
			g.guests = g.guests[:1]
			s.wait(time.Minute) // the list is read every minute
			s.seeNot("张敏", "吴平")
		}
		for _, who := range []station.Who{ps.attendant, ps.deputy, ps.town} {
			s := sit(t, Config{Desk: d, Guests: sampleDoors(ps)}, Caller{Who: who}, MinWidth, MinHeight)
			s.seeNot("0 在线")
			s.press("0")
			s.seeNot("192.0.2.17")
		}
	})
}

// seatLog is a seat that a test reads.
type seatLog struct {
	pages   []string
	who     station.Who
	touched int
}

func (l *seatLog) Shows(who station.Who, page station.Text) {
	l.who, l.pages = who, append(l.pages, page.ZH+"/"+page.EN)
}
func (l *seatLog) Touched() { l.touched++ }

// A seat hears of every page, of who sits there, and of keys; and whoever is
// signed out at the station's own screen finds the draft again.
func TestTheStationsScreenIsSignedOutByAnother(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		var log seatLog
		ended := make(chan station.Text, 1)
		s := sit(t, Config{Desk: d}, Caller{Who: ps.attendant, Seat: &log, Ended: ended}, MinWidth, MinHeight)
		defer close(ended)
		s.press("f2")
		s.typed("13800138000")
		if log.who.Account != ps.attendant.Account || !slices.Equal(log.pages, []string{"首页/Home", "接待登记/Reception"}) || log.touched < 12 {
			t.Errorf("the seat heard %+v", log)
		}
		ended <- station.Text{ZH: "这个会话已由管理员结束", EN: "ended"}
		s.settle()
		s.see("已由管理员结束", "PIN")
		s.seeNot("13800138000")
		if log.who.Account != "" || log.pages[len(log.pages)-1] != "登录/Sign in" {
			t.Errorf("the seat heard %+v", log)
		}
		if drafts, err := d.Drafts(ps.attendant); err != nil || len(drafts) != 1 || drafts[0].Values["phone"] != "13800138000" {
			t.Errorf("drafts %+v, %v", drafts, err)
		}
		ended <- station.Text{ZH: "再一次", EN: "again"} // nobody is signed in: nothing happens but this word
		s.settle()
		s.see("再一次")
	})
}

// A session's clock once ran on for up to a minute after its end, and kept the
// whole program in memory for as long: who opened and closed many screens made a
// station keep thousands. Now it ends with the session, and with the terminal
// where the session was never told.
func TestASessionsClockEndsWithIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		ticking := func() int {
			buf := make([]byte, 4<<20)
			return strings.Count(string(buf[:runtime.Stack(buf, true)]), "(*Model).tick.")
		}
		before := ticking()
		told := New(Config{Desk: d}, Caller{Who: ps.attendant})
		over := make(chan struct{})
		killed := New(Config{Desk: d}, Caller{Who: ps.attendant, Over: over})
		for _, m := range []*Model{told, killed} {
			go m.tick()()
			m.changed, m.stop = d.Watch()
			go m.listen(0)()
		}
		synctest.Wait()
		if n := ticking() - before; n != 2 {
			t.Errorf("%d clocks", n)
		}
		told.Update(Closing{})
		close(over)
		synctest.Wait()
		if n := ticking() - before; n != 0 {
			t.Errorf("%d clocks run on", n)
		}
		if _, ok := <-killed.changed; ok {
			t.Error("the desk still has somebody to tell")
		}
	})
}
