package tui

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/typed"
	"liaison/tui/form"
)

var update = flag.Bool("update", false, "write the golden screens anew")

// Monday, 23 November 2026, 09:12 in Beijing.
var monday = time.Date(2026, 11, 23, 9, 12, 0, 0, station.Beijing)

// inBubble runs a test in a synctest bubble whose clock stands at monday, so
// that ticks and pauses take no time and every screen shows the same minute.
func inBubble(t *testing.T, fn func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(monday))
		fn(t)
	})
}

// A look is how a screen is looked at: its size, and in which language.
type look struct {
	name     string // 80x24.zh
	w, h     int
	language string
}

// eachLook runs fn in a bubble for each look that the golden screens have.
func eachLook(t *testing.T, fn func(t *testing.T, l look)) {
	t.Helper()
	for _, l := range []look{{"80x24", 80, 24, ""}, {"140x45", 140, 45, ""}} {
		for _, language := range []string{"zh", "en"} {
			t.Run(l.name+"."+language, func(t *testing.T) {
				inBubble(t, func(t *testing.T) { fn(t, look{l.name + "." + language, l.w, l.h, language}) })
			})
		}
	}
}

// speaks has a desk's screens speak the look's language.
func (l look) speaks(t testing.TB, d *station.Desk) {
	t.Helper()
	set := d.Settings()
	set.Language = l.language
	if err := d.SaveSettings(d.Owner(), set); err != nil {
		t.Fatal(err)
	}
}

// newDesk opens a station on an empty file. Its clock is the bubble's.
func newDesk(t testing.TB) *station.Desk {
	t.Helper()
	led, err := bolt.Open(filepath.Join(t.TempDir(), "ledger.db"), bolt.Options{Writer: "QA01", Indexes: station.Indexes()})
	if err != nil {
		t.Fatal(err)
	}
	desk, err := station.Open(led, station.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := led.Check(context.Background(), func(f ledger.Fault) { t.Errorf("fault: %s", f) }); err != nil {
			t.Errorf("check: %v", err)
		}
		if err := led.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return desk
}

// people of the station in tests.
type people struct{ attendant, head, deputy, town, admin station.Who }

// sampleDesk is a station with a roster, accounts, two sessions and a few
// receptions.
func sampleDesk(t testing.TB) (*station.Desk, people) {
	t.Helper()
	d := newDesk(t)
	o := station.Owner()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.SetInfo(o, station.Info{Code: "QA01", Name: "曲阿街道代表联络站", Area: "321181002"}))
	_, err := d.PutVillages(o, []station.Village{{Code: "321181002001", Town: "曲阿街道", Name: "前艾村"},
		{Code: "321181002002", Town: "曲阿街道", Name: "张巷村"}, {Code: "321181003001", Town: "司徒镇", Name: "杏虎村"}})
	must(err)
	since := typed.Date{Year: 2022, Month: 1, Day: 8}
	_, err = d.PutDeputies(o, []station.Deputy{
		{Code: "D001", Name: "李建国", Post: "曲阿小学 校长", Phone: "13800138001", Mandates: []station.Mandate{
			{Level: "市", Term: "十八届", Constituency: "曲阿第一选区", Group: "第三代表小组", From: since}}},
		{Code: "D002", Name: "王秀英", Post: "前艾村 党总支书记", Phone: "0511-86123456", Mandates: []station.Mandate{
			{Level: "市", Term: "十八届", From: since}, {Level: "镇", Term: "二十届", Group: "曲阿代表组", From: since}}},
		{Code: "D003", Name: "阿依古丽·买买提", Post: "纺织厂 工会主席", Mandates: []station.Mandate{{Level: "镇", From: since}}}})
	must(err)
	ps := people{}
	for _, u := range []struct {
		name string
		role station.Role
		pin  string
		to   *station.Who
	}{{"张敏", station.RoleAttendant, "2580", &ps.attendant}, {"周立", station.RoleHead, "1357", &ps.head},
		{"李建国", station.RoleDeputy, "2468", &ps.deputy}, {"吴平", station.RoleTown, "9753", &ps.town}, {"郑工", station.RoleAdmin, "8642", &ps.admin}} {
		deputy := ""
		if u.role == station.RoleDeputy {
			deputy = "D001"
		}
		made, err := d.AddUser(o, station.User{Name: u.name, Role: u.role, Deputy: deputy,
			Keys: []station.UserKey{{Fingerprint: "SHA256:hQxJb3k0vM2" + string(u.role), Comment: "kiosk"}}}, u.pin)
		must(err)
		*u.to = made.Who()
	}
	_, err = d.PutSession(ps.head, station.Session{Time: "fixed", Place: "station", Topic: "themed", Theme: "停车与交通秩序",
		Start: "09:00", End: "11:00", Deputies: []string{"D001", "D002"}}, "")
	must(err)
	for i, r := range sampleReceptions() {
		_, err := d.Receive(ps.attendant, r, false, "")
		if err != nil {
			t.Fatalf("reception %d: %v", i, err)
		}
		time.Sleep(time.Second)
	}
	time.Sleep(time.Until(monday.Add(time.Minute)))
	return d, ps
}

// sampleReceptions are eight days of receptions, oldest first.
func sampleReceptions() []station.Reception {
	var out []station.Reception
	for i, c := range []struct {
		days                                 int
		name, phone, village                 string
		content, category, disposition, kind string
		reply, deputy                        string
	}{
		{40, "赵铁柱", "13800138010", "321181002001", "村口的水渠塌了一段,春耕前要修好。", "21", "village", "suggestion", "已登记转交", "D002"},
		{30, "", "", "321181002002", "希望公示低保名单。", "42", "town", "suggestion", "", ""},
		{8, "孙丽", "0511-86543210", "321181003001", "孩子明年上小学,学区怎么划?", "31", "onspot", "question", "已解释政策", "D001"},
		{3, "王小明", "13800138000", "321181002001", "小区东门的路灯坏了半个月,晚上老人出门不安全,希望尽快修好。", "11", "town", "suggestion", "已登记转交", "D001"},
		{1, "阿依古丽", "13900139000", "321181002002", "老楼加装电梯,一楼住户不同意,请协调。", "13", "mediate", "help", "已告知办理途径", "D002"},
		{0, "单雄信", "13700137000", "321181002001", "菜场门口占道经营,救护车进不来。", "18", "city", "complaint", "已登记转交", "D001"},
		{0, "王小明", "13800138000", "321181002001", "路灯修好了,谢谢代表。", "11", "onspot", "praise", "已说明进展,请耐心等待", "D001"},
	} {
		r := station.Reception{At: monday.AddDate(0, 0, -c.days), Channel: "walkin", Persons: 1 + i%3, Notified: true,
			Session: station.InSession{Time: "fixed", Place: "station", Topic: "open"},
			Voter:   station.InVoter{Name: c.name, Phone: c.phone, Village: c.village, Anonymous: c.name == ""},
			Matters: []station.Issue{{Content: c.content, Category: c.category, Disposition: c.disposition, Kind: c.kind, Reply: c.reply, Deputy: c.deputy}}}
		if c.days == 0 {
			r.Session.Topic, r.Session.Theme, r.Session.Deputies = "themed", "停车与交通秩序", []string{"D001"}
		}
		if c.name == "单雄信" {
			r.Matters = append(r.Matters, station.Issue{Content: "另外,停车位太少。", Category: "12", Disposition: "collect"})
		}
		out = append(out, r)
	}
	return out
}

// seat is a session before a terminal that exists only in the test. Commands
// run in goroutines of the bubble, one after the other; what still blocks (a
// tick, the wait for a change) stays behind until its time comes.
type seat struct {
	testing.TB
	m    *Model
	quit bool

	mu  sync.Mutex
	got []tea.Msg
}

// sit begins a session. It must be called inside a bubble.
func sit(t testing.TB, cfg Config, c Caller, w, h int) *seat {
	t.Helper()
	s := &seat{TB: t, m: New(cfg, c)}
	t.Cleanup(func() {
		s.send(Closing{})
		s.wait(2 * time.Minute) // the last pause in typing
	})
	s.run(s.m.Init())
	s.resize(w, h)
	return s
}

// sitAs begins a session of somebody who has signed in, at 80×24.
func sitAs(t testing.TB, d *station.Desk, who station.Who) *seat {
	t.Helper()
	return sit(t, Config{Desk: d}, Caller{Who: who}, MinWidth, MinHeight)
}

// send gives the model a message and carries out what follows from it.
func (s *seat) send(m tea.Msg) {
	s.Helper()
	_, cmd := s.m.Update(m)
	s.run(cmd)
}

func (s *seat) run(cmd tea.Cmd) {
	s.Helper()
	if cmd != nil {
		go s.exec(cmd)
	}
	s.settle()
}

// exec runs a command as the program does: the parts of a batch at the same
// time, those of a sequence one after the other.
func (s *seat) exec(cmd tea.Cmd) {
	msg := cmd()
	if cmds, ok := sequence(msg); ok {
		for _, c := range cmds {
			if c != nil {
				s.exec(c)
			}
		}
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, msg)
}

// sequence takes apart what tea.Sequence makes, whose type is not exported.
func sequence(m tea.Msg) ([]tea.Cmd, bool) {
	if _, batch := m.(tea.BatchMsg); batch || m == nil {
		return nil, false
	}
	v := reflect.ValueOf(m)
	to := reflect.TypeFor[[]tea.Cmd]()
	if v.Kind() != reflect.Slice || !v.CanConvert(to) {
		return nil, false
	}
	return v.Convert(to).Interface().([]tea.Cmd), true
}

// settle gives the model everything that has arrived, until nothing moves.
func (s *seat) settle() {
	s.Helper()
	for range 1000 {
		synctest.Wait()
		s.mu.Lock()
		if len(s.got) == 0 {
			s.mu.Unlock()
			return
		}
		msg := s.got[0]
		s.got = s.got[1:]
		s.mu.Unlock()
		if s.quit {
			continue
		}
		var cmd tea.Cmd
		switch msg := msg.(type) {
		case nil:
		case tea.QuitMsg:
			s.quit = true
		case tea.BatchMsg:
			for _, c := range msg {
				if c != nil {
					go s.exec(c)
					synctest.Wait()
				}
			}
		default:
			_, cmd = s.m.Update(msg)
		}
		if cmd != nil {
			go s.exec(cmd)
		}
	}
	s.Fatal("messages without end")
}

// wait lets time pass.
func (s *seat) wait(d time.Duration) {
	s.Helper()
	time.Sleep(d)
	s.settle()
}

// press sends keys by name: f2, ctrl+k, enter, 中.
func (s *seat) press(names ...string) {
	s.Helper()
	for _, n := range names {
		s.send(keyPress(n))
	}
}

// typed sends text as an input method commits it: one key a character.
func (s *seat) typed(text string) {
	s.Helper()
	for _, r := range text {
		s.send(keyPress(string(r)))
	}
}

// to presses Tab until the field with this id of the form has the focus.
func (s *seat) to(f *form.Form, id string) {
	s.Helper()
	for range 60 {
		if f.Focused() != nil && f.Focused().ID() == id {
			return
		}
		s.press("tab")
	}
	s.Fatalf("Tab does not lead to %q:\n%s", id, s.screen())
}

func (s *seat) paste(text string) { s.Helper(); s.send(tea.PasteMsg{Content: text}) }

func (s *seat) click(x, y int) {
	s.Helper()
	s.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
}

func (s *seat) wheel(down bool) {
	s.Helper()
	b := tea.MouseWheelUp
	if down {
		b = tea.MouseWheelDown
	}
	s.send(tea.MouseWheelMsg{X: 10, Y: 10, Button: b})
}

func (s *seat) resize(w, h int) { s.Helper(); s.send(tea.WindowSizeMsg{Width: w, Height: h}) }

// keyPress makes the key press that a terminal sends for a name.
func keyPress(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for _, m := range []struct {
		name string
		mod  tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}} {
		if rest, ok := strings.CutPrefix(name, m.name); ok && rest != "" {
			k.Mod |= m.mod
			name = rest
		}
	}
	codes := map[string]rune{"left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown,
		"home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
		"enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
		"f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f4": tea.KeyF4, "f5": tea.KeyF5, "f6": tea.KeyF6,
		"f7": tea.KeyF7, "f8": tea.KeyF8, "f9": tea.KeyF9, "f10": tea.KeyF10, "f11": tea.KeyF11, "f12": tea.KeyF12}
	if code, ok := codes[name]; ok {
		k.Code = code
		return k
	}
	if name == "space" {
		name = " "
	}
	k.Code, _ = utf8.DecodeRuneInString(name)
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}

// screen is what a person sees.
type screen struct {
	testing.TB
	w, h   int
	rows   []string // trailing blanks cut
	cells  uv.ScreenBuffer
	cursor *tea.Cursor
}

// screen draws the session into cells as the renderer does. It holds what is
// true of every screen: each row has the full width, the cursor is inside.
func (s *seat) screen() screen {
	s.Helper()
	v := s.m.View()
	w, h := s.m.w, s.m.h+frameRows
	sc := screen{TB: s.TB, w: w, h: h, cells: uv.NewScreenBuffer(max(w, 1)+4, max(h, 1)), cursor: v.Cursor}
	rows := strings.Split(v.Content, "\n")
	full := w >= MinWidth && h >= MinHeight && !s.m.quiet
	if full && len(rows) != h {
		s.Fatalf("%d rows instead of %d", len(rows), h)
	}
	for y, row := range rows {
		if y >= h {
			break
		}
		st := uv.NewStyledString(row)
		if got := st.WcWidth(); full && got != w {
			s.Errorf("row %d is %d cells instead of %d: %q", y, got, w, row)
		}
		st.Draw(sc.cells, uv.Rect(0, y, w, 1))
		sc.rows = append(sc.rows, strings.TrimRight(sc.cells.Line(y).String(), " "))
	}
	if c := v.Cursor; c != nil && (c.X < 0 || c.X >= w || c.Y < 0 || c.Y >= h) {
		s.Errorf("cursor at %d,%d outside %d×%d\n%s", c.X, c.Y, w, h, sc)
	}
	return sc
}

func (sc screen) String() string { return strings.Join(sc.rows, "\n") }

// left is the character in the cells before the cursor.
func (sc screen) left() string {
	if sc.cursor == nil {
		return ""
	}
	for x := sc.cursor.X - 1; x >= 0; x-- {
		if c := sc.cells.CellAt(x, sc.cursor.Y); c != nil && c.Width > 0 {
			return c.Content
		}
	}
	return ""
}

// has reports whether a text is on the screen; see fails where it is not.
func (sc screen) has(text string) bool { return strings.Contains(sc.String(), text) }

func (s *seat) see(texts ...string) screen {
	s.Helper()
	sc := s.screen()
	for _, text := range texts {
		if !sc.has(text) {
			s.Errorf("%q is not on the screen:\n%s", text, sc)
		}
	}
	return sc
}

func (s *seat) seeNot(texts ...string) {
	s.Helper()
	sc := s.screen()
	for _, text := range texts {
		if sc.has(text) {
			s.Errorf("%q is on the screen:\n%s", text, sc)
		}
	}
}

// golden compares the screen with testdata/<name>.golden. Rows stand between
// bars, so that trailing blanks are seen; the last line is the cursor's cell.
func (s *seat) golden(name string) {
	s.Helper()
	sc := s.screen()
	var b strings.Builder
	for y := range sc.h {
		line := ""
		if y < len(sc.rows) {
			line = sc.rows[y]
		}
		fmt.Fprintf(&b, "│%s%s│\n", line, strings.Repeat(" ", max(0, sc.w-uv.NewStyledString(line).WcWidth())))
	}
	if sc.cursor != nil {
		fmt.Fprintf(&b, "cursor %d,%d\n", sc.cursor.X, sc.cursor.Y)
	}
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			s.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		s.Fatalf("%v; write it with -update", err)
	}
	if got := b.String(); got != string(want) {
		s.Errorf("%s differs; look at it, and if it is right write it with -update\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}
