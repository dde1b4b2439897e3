package paper

import (
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger/bolt"
	"liaison/station/typed"
	"liaison/tui/cell"
)

var update = flag.Bool("update", false, "write the golden papers anew")

// Monday, 23 November 2026, 09:12 in Beijing.
var monday = time.Date(2026, 11, 23, 9, 12, 0, 0, station.Beijing)

var (
	attendant = station.Who{Account: "u-attend", Name: "张敏", Role: station.RoleAttendant}
	head      = station.Who{Account: "u-head", Name: "周立", Role: station.RoleHead}
)

func newDesk(t *testing.T) *station.Desk {
	t.Helper()
	led, err := bolt.Open(filepath.Join(t.TempDir(), "ledger.db"), bolt.Options{Writer: "QA01", Indexes: station.Indexes(), Now: func() time.Time { return monday }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := led.Close(); err != nil {
			t.Error(err)
		}
	})
	d, err := station.Open(led, station.Options{Now: func() time.Time { return monday }})
	if err == nil {
		err = d.SetInfo(station.Owner(), station.Info{Code: "QA01", Name: "曲阿街道代表联络站"})
	}
	if err == nil {
		_, err = d.PutVillages(station.Owner(), []station.Village{{Code: "321181002001", Town: "曲阿街道", Name: "前艾村"}})
	}
	if err == nil {
		_, err = d.PutDeputies(station.Owner(), []station.Deputy{{Code: "D001", Name: "李建国", Mandates: []station.Mandate{{Level: "市"}}}, {Code: "D002", Name: "王秀英", Mandates: []station.Mandate{{Level: "镇"}}}})
	}
	set := d.Settings()
	set.Phone = "0511-86123456"
	if err == nil {
		err = d.SaveSettings(station.Owner(), set)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// receive records a reception of one matter and does steps.
func receive(t *testing.T, d *station.Desk, change func(*station.Reception), steps ...station.Step) station.Number {
	t.Helper()
	r := station.Reception{Notified: true, Session: station.InSession{Time: "fixed", Place: "station", Topic: "open", Deputies: []string{"D001", "D002"}},
		Voter:   station.InVoter{Name: "王小明", Phone: "13800138000", Village: "321181002001", Sex: "male", AgeBand: "60+"},
		Matters: []station.Issue{{Content: "小区东门的路灯坏了半个月，晚上老人出门不安全，希望尽快修好。", Category: "11", Disposition: "town", Reply: "已登记转交", Deputy: "D001", Affected: "some"}}}
	change(&r)
	s, err := d.Receive(attendant, r, false, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		l, err := d.LifeByNumber(head, string(s.Number))
		if err == nil {
			_, err = d.Take(head, l, step)
		}
		if err != nil {
			t.Fatalf("%s: %v", step.Action, err)
		}
	}
	return s.Number
}

func compose(t *testing.T, d *station.Desk, number station.Number, kind station.PaperKind, reveal bool) []station.Paper {
	t.Helper()
	x, err := d.DossierByNumber(head, string(number))
	if err != nil {
		t.Fatal(err)
	}
	ps, err := d.Compose(x, kind, reveal)
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at it, and if it is right write it with -update\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

// inside holds that no row is wider than its sheet and that nothing but line
// ends and form feeds commands the printer.
func inside(t *testing.T, p station.Paper) {
	t.Helper()
	text := Text([]station.Paper{p}, 1)
	for row := range strings.SplitSeq(strings.ReplaceAll(text, turn, "\n"), "\n") {
		if w := cell.Width(row); w > Columns(p.Size) {
			t.Errorf("%s: %d cells on %s: %q", p.Kind, w, p.Size, row)
		}
	}
	if at := strings.IndexFunc(text, func(r rune) bool {
		return (r < ' ' && r != '\n' && r != '\f') || r >= 0x7f && r < 0xa0 || r == 0x202e || r == 0x200b
	}); at >= 0 {
		t.Errorf("%s: a control character at %d: %q", p.Kind, at, text[at:min(len(text), at+20)])
	}
}

// The five papers as text, and two as pages for a browser.
func TestGoldenPapers(t *testing.T) {
	d := newDesk(t)
	asis := func(*station.Reception) {}
	review, assign := station.Step{Action: station.DoReview, Note: "请尽快。"}, station.Step{Action: station.DoAssign, Unit: "城管中队", Units: []string{"供电所"}, DocNo: "曲街交〔2026〕3号", Note: "请当天派人查看。"}
	lamp := receive(t, d, asis, review, assign, station.Step{Action: station.DoAccept}, station.Step{Action: station.DoContact, Note: "已见面"},
		station.Step{Action: station.DoReply, Text: "灯杆电缆已重新敷设，二十三日晚亮灯。\n其余路段列入明年计划。", Class: "B", Date: typed.Date{Year: 2027, Month: 3, Day: 31}, DocNo: "城管复〔2026〕9号"})
	refused := receive(t, d, func(r *station.Reception) {
		r.Matters[0] = station.Issue{Content: "与开发商的官司请代表说句话。", Category: "64", Disposition: "refuse", Refuse: "court"}
	})
	for kind, n := range map[station.PaperKind]station.Number{station.PaperSlip: lamp, station.PaperForm: lamp, station.PaperAssign: lamp, station.PaperFeedback: lamp, station.PaperGuide: refused} {
		ps := compose(t, d, n, kind, kind == station.PaperForm)
		inside(t, ps[0])
		golden(t, string(kind)+".txt", strings.ReplaceAll(Text(ps, 1), turn, "<FF>\n"))
	}
	for _, kind := range []station.PaperKind{station.PaperAssign, station.PaperSlip} {
		var b strings.Builder
		if err := HTML(&b, compose(t, d, lamp, kind, false), 1); err != nil {
			t.Fatal(err)
		}
		golden(t, string(kind)+".html", b.String())
	}
}

// A form of usual length is one sheet of 66 rows.
func TestAFormIsOneSheet(t *testing.T) {
	d := newDesk(t)
	n := receive(t, d, func(*station.Reception) {})
	if got := strings.Count(Text(compose(t, d, n, station.PaperForm, true), 1), "\n"); got > 66 {
		t.Errorf("it has %d rows", got)
	}
}

// Copies are whole papers, one to a sheet.
func TestCopies(t *testing.T) {
	d := newDesk(t)
	ps := compose(t, d, receive(t, d, func(*station.Reception) {}), station.PaperSlip, false)
	one, three := Text(ps, 1), Text(ps, 3)
	if three != one+turn+one+turn+one {
		t.Error("three copies are not three times the paper")
	}
	var b strings.Builder
	if err := HTML(&b, ps, 3); err != nil || strings.Count(b.String(), "<section>") != 3 {
		t.Errorf("%d sections, %v", strings.Count(b.String(), "<section>"), err)
	}
	for _, row := range Preview(compose(t, d, receive(t, d, func(*station.Reception) {}), station.PaperForm, false)[0]) {
		if strings.ContainsAny(row, "\n\f") {
			t.Errorf("a preview's row: %q", row)
		}
	}
}

// Whatever was typed stays text: no row runs over, no command reaches the
// printer, nothing becomes markup, and no word of the voter is lost.
func TestHostileTextStaysText(t *testing.T) {
	d := newDesk(t)
	const most = 2000
	for name, text := range map[string]string{
		"markup":     `</div><script>alert(1)</script><img src=x onerror="alert(2)"> &amp; '"` + "`${x}` {{.Title}}",
		"controls":   "路灯\x1b[2J\x1b]0;x\x07不亮\x0c下一页\x00\u202e倒\u200b",
		"long word":  strings.Repeat("W", most-2) + "灯。",
		"long":       strings.Repeat("灯，（不亮）。“", most/8),
		"marks":      "灯" + strings.Repeat("\u0301", 500),
		"many lines": strings.Repeat("一\n", most/2-1) + "完",
		"emoji":      strings.Repeat("👩‍👩‍👧‍👦🇨🇳", 40) + "灯。",
	} {
		n := receive(t, d, func(r *station.Reception) {
			r.Voter.Name = "王" + cut(text, 19)
			r.Matters[0].Content, r.Matters[0].Title, r.Matters[0].Reply = text, cut(text, 30), text
		}, station.Step{Action: station.DoReview, Note: text}, station.Step{Action: station.DoAssign, Unit: cut(text, 200), Note: text, DocNo: cut(text, 200)},
			station.Step{Action: station.DoAccept}, station.Step{Action: station.DoReply, Text: text, Class: "A"})
		for _, kind := range []station.PaperKind{station.PaperSlip, station.PaperForm, station.PaperAssign, station.PaperFeedback} {
			ps := compose(t, d, n, kind, true)
			inside(t, ps[0])
			var b strings.Builder
			if err := HTML(&b, ps, 1); err != nil {
				t.Fatal(err)
			}
			page := b.String()
			if strings.Contains(page, "<script") || strings.Contains(page, "<img") || strings.Contains(page, "\x1b") || strings.Contains(page, "\u202e") {
				t.Errorf("%s: markup or a control came into the page of %s", name, kind)
			}
			if kind == station.PaperForm && name == "long word" {
				if got := strings.Count(strings.ReplaceAll(Text(ps, 1), "\n", ""), "W"); got < most-2 {
					t.Errorf("of %d characters %d are left", most-2, got)
				}
			}
			balanced(t, name, page)
		}
	}
}

// cut shortens a text to what a field of one line takes.
func cut(s string, n int) string {
	r := []rune(typed.Clean(s, false))
	return string(r[:min(n, len(r))])
}

// balanced holds that every element of a page that must be closed is, as it
// is not where text became markup.
func balanced(t *testing.T, name, page string) {
	t.Helper()
	_, body, _ := strings.Cut(page, "<body>")
	dec := xml.NewDecoder(strings.NewReader("<body>" + strings.TrimSuffix(strings.TrimSpace(body), "</html>")))
	dec.Entity = xml.HTMLEntity
	seen := map[string]bool{}
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if s, ok := tok.(xml.StartElement); ok {
			seen[s.Name.Local] = true
		}
	}
	for tag := range seen {
		if !strings.Contains(" body section div h1 h2 table tbody tr th td b p span i ", " "+tag+" ") {
			t.Errorf("%s: there is a <%s>", name, tag)
		}
	}
}
