package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// names is a desk that knows nothing but a deadline.
type names struct{}

func (names) VillageName(c string) string  { return "村" + c }
func (names) CategoryName(c string) string { return "类" + c }
func (names) Standing(ledger.ID) (station.State, typed.Date, station.Lamp) {
	return station.StRegistered, typed.Date{Year: 2026, Month: 12, Day: 1}, station.LampSoon
}

func full() station.Full {
	at := time.Date(2026, 11, 22, 20, 30, 0, 0, time.UTC) // the 23rd in Beijing
	return station.Full{ID: "01a2",
		Visit:   station.Visit{Number: "QA01-26A-0001-7", At: at, Entered: at.Add(24 * time.Hour), Channel: "walkin", Persons: 2, Village: "1", By: "u-1"},
		Voter:   station.Voter{Name: "王小明", Phone: "13800138000"},
		Session: station.Session{Number: "QA01-26A-S0001-D", Day: typed.Date{Year: 2026, Month: 11, Day: 23}, Start: "09:05", Time: "fixed", Place: "station", Topic: "open"},
		Matters: []station.Matter{{Number: "QA01-26A-0001-7/1", Title: "路灯", Content: "路灯 <不亮> & 危险", Category: "11", Disposition: "town", Urgency: "normal"}},
	}
}

// TestTheJSONKeepsItsWord: other programs read these very lines.
func TestTheJSONKeepsItsWord(t *testing.T) {
	var b strings.Builder
	l := NewLines(&b)
	r := FromFull(full(), names{})
	if err := errors.Join(l.Put(r), l.Put(r.Alone(r.Matters[0])), l.Put(FromSession(full().Session)), l.Flush()); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"01a2","number":"QA01-26A-0001-7","station":"QA01","at":"2026-11-23T04:30:00+08:00","entered":"2026-11-24T04:30:00+08:00","late":true,"void":false,"by":"u-1","channel":"walkin","persons":2,"session":{"number":"QA01-26A-S0001-D","day":"2026-11-23","start":"09:05","time":"fixed","place":"station","topic":"open","theme":"","deputies":[]},"voter":{"name":"王小明","phone":"13800138000","village":"1","village_name":"村1","anonymous":false},"matters":[{"number":"QA01-26A-0001-7/1","title":"路灯","content":"路灯 <不亮> & 危险","kind":"","category":"11","category_name":"类11","disposition":"town","reply":"","urgency":"normal","state":"registered","due":"2026-12-01","lamp":"soon"}]}
{"number":"QA01-26A-0001-7/1","at":"2026-11-23T04:30:00+08:00","station":"QA01","reception":"QA01-26A-0001-7","title":"路灯","content":"路灯 <不亮> & 危险","kind":"","category":"11","category_name":"类11","disposition":"town","reply":"","urgency":"normal","state":"registered","due":"2026-12-01","lamp":"soon"}
{"number":"QA01-26A-S0001-D","at":"2026-11-23T09:05:00+08:00","station":"QA01","day":"2026-11-23","start":"09:05","time":"fixed","place":"station","topic":"open","theme":"","deputies":[]}
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

// TestColumnsStandUnderEachOther in cells, whatever the characters.
func TestColumnsStandUnderEachOther(t *testing.T) {
	var b strings.Builder
	tab := NewTable(Column{Head: "姓名"}, Column{Head: "N", Right: true}, Column{Head: "Text", Width: 6})
	tab.Row("王小明", "7", "short")
	tab.Row("a", "12", "很长的一段文字")
	tab.Row("\x1b[31m红\x1b[0m", "100", "x\ny")
	if err := tab.Print(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	for i, last := range []string{"Text", "short", "很长…", "x y"} {
		if got := cell.Width(strings.TrimSuffix(lines[i], last)); got != 6+2+3+2 || !strings.HasSuffix(lines[i], last) {
			t.Errorf("row %d: %q", i, lines[i])
		}
	}
	if strings.ContainsRune(b.String(), 0x1b) {
		t.Errorf("an escape came through: %q", b.String())
	}
	b.Reset()
	if err := NewTable(Column{Head: "x"}).Print(&b); err != nil || b.Len() > 0 {
		t.Errorf("an empty table prints %q, %v", b.String(), err)
	}
}

// TestEveryStateAndLampHasItsWord: none shows as a bare code.
func TestEveryStateAndLampHasItsWord(t *testing.T) {
	for _, s := range station.States {
		if StateText(s.Code) != s.State.Text() {
			t.Errorf("state %d: %v", s.State, StateText(s.Code))
		}
	}
	for _, l := range []station.Lamp{station.LampOK, station.LampSoon, station.LampOver, station.LampPaused} {
		if LampText(lampWord(l)) != l.Text() {
			t.Errorf("lamp %d: %v", l, LampText(lampWord(l)))
		}
	}
	if LampText("") != (station.Text{}) {
		t.Error("no lamp has a word")
	}
}

func TestOneReceptionShowsAllOfIt(t *testing.T) {
	r := FromFull(full(), names{})
	r.VoidReason, r.Void = "重复登记", true
	r.History = FromRevisions([]station.Revision{{At: r.At, By: "u-1", Kind: station.KindMatter, Number: "QA01-26A-0001-7/1", Reason: "笔误",
		Fields: []station.FieldChange{{Field: "title", Old: "路\x1b[1m灯", New: "路灯"}}}}, func(string) string { return "张敏" })
	var b strings.Builder
	if err := One(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"QA01-26A-0001-7", "补录", "重复登记", "138 0013 8000", "临期 2026-12-01", "张敏", "笔误", "路灯 → 路灯"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
	if strings.ContainsRune(b.String(), 0x1b) {
		t.Errorf("an escape came through: %q", b.String())
	}
}

// TestALifeIsShownWithItsSteps: both sides', with what had no effect and why.
func TestALifeIsShownWithItsSteps(t *testing.T) {
	at := time.Date(2026, 11, 22, 20, 30, 0, 0, time.UTC)
	moot := station.Text{ZH: "市里同时已“交办”", EN: "the city did"}
	l := station.Life{Matter: full().Matters[0], Station: "QA01", State: station.StAssigned, Disposition: "city", Unit: "U1", Due: typed.Date{Year: 2026, Month: 11, Day: 30},
		Clock: station.Clock{Timer: station.TimerSign}, Lamp: station.LampOK,
		Steps: []station.Done{
			{Step: station.Step{Action: station.DoAssign, Role: station.RoleCity, By: "c-1", Name: "钱进", Unit: "U1"}, At: at, City: true, From: station.StReviewed, To: station.StAssigned},
			{Step: station.Step{Action: station.DoRefuse, Role: station.RoleHead, By: "u-1", Name: "周\x1b[1m立", Reason: "scope"}, At: at, From: station.StAssigned, To: station.StAssigned, Moot: &moot}}}
	life := FromLife(l, caseNames{})
	var b strings.Builder
	out := NewLines(&b)
	if err := errors.Join(out.Put(life), out.Flush()); err != nil {
		t.Fatal(err)
	}
	want := `{"number":"QA01-26A-0001-7/1","title":"路灯","station":"QA01","state":"assigned","disposition":"city","clock":"T3","due":"2026-11-30","lamp":"ok","unit":"U1","unit_name":"单位U1","steps":[{"at":"2026-11-23T04:30:00+08:00","side":"city","by":"c-1","name":"钱进","role":"city","action":"assign","from":"reviewed","to":"assigned","unit":"U1","unit_name":"单位U1"},{"at":"2026-11-23T04:30:00+08:00","side":"station","by":"u-1","name":"周\u001b[1m立","role":"head","action":"refuse","from":"assigned","to":"assigned","moot":"市里同时已“交办”","reason":"scope"}]}
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	b.Reset()
	m := Matter{Number: l.Number, Life: &life, State: "assigned"}
	if err := OneMatter(&b, m); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"承办 Unit: 单位U1", "办理经过 Steps", "市  交办 → 已交办  钱进", "站  不予受理/引导", "未生效:市里同时已“交办”"} {
		if !strings.Contains(b.String(), s) {
			t.Errorf("%q is missing in\n%s", s, b.String())
		}
	}
	if strings.ContainsRune(b.String(), 0x1b) {
		t.Errorf("an escape came through: %q", b.String())
	}
}

type caseNames struct{}

func (caseNames) UnitName(c string) string        { return "单位" + c }
func (caseNames) ClassText(c string) station.Text { return station.Text{ZH: c, EN: c} }

// What is printed as JSON goes to somebody's terminal as often as to a program:
// nothing in it commands the one, and the other reads what was written.
func TestJSONCommandsNoTerminal(t *testing.T) {
	hostile := "好\x1b[31m\x1b]52;c;cm0=\x07\u009b2J\u009d0;x\u009c\x7f\u202e\u2066\u200b\ufeff\u00ad\U000e0041字\r\n\t<&>"
	var b bytes.Buffer
	l := NewLines(&b)
	for range 2 {
		if err := errors.Join(l.Put(map[string]string{hostile: hostile}), l.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range b.String() {
		if r != '\n' && (r < ' ' || r >= 0x7f && r <= 0x9f || unicode.Is(unicode.Cf, r)) {
			t.Fatalf("%U in %q", r, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		var got map[string]string
		if err := json.Unmarshal([]byte(line), &got); err != nil || got[hostile] != hostile {
			t.Errorf("read back as %q, %v", got, err)
		}
	}
	if !strings.Contains(b.String(), "<&>") {
		t.Errorf("more was escaped than need be: %s", b.String())
	}
}
