package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
)

// everything is all that can be read of a machine with its key: every body of
// every entry, every draft and setting, and the raw files themselves.
func (e *end) everything() string {
	w := e.w
	w.Helper()
	var all strings.Builder
	heads, err := e.led.Heads()
	if err != nil {
		w.Fatal(err)
	}
	for _, h := range heads {
		es, err := e.led.Since(h.Stream, 0, 1<<20)
		if err != nil {
			w.Fatal(err)
		}
		for _, x := range es {
			all.Write(x.Body)
		}
	}
	ds, err1 := e.led.Drafts("")
	ls, err2 := e.led.Locals("")
	if err1 != nil || err2 != nil {
		w.Fatal(err1, err2)
	}
	for _, d := range ds {
		all.Write(d.Body)
	}
	for _, l := range ls {
		all.Write(l.Value)
	}
	files, err := filepath.Glob(filepath.Join(w.dir, e.code+"*"))
	if err != nil {
		w.Fatal(err)
	}
	for _, f := range files {
		err := filepath.WalkDir(f, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			all.Write(raw)
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
	}
	return all.String()
}

// fromSecondCopy has a machine lose its database: it comes back from the log
// alone.
func (e *end) fromSecondCopy() {
	e.w.Helper()
	if err := e.led.Close(); err != nil {
		e.w.Fatal(err)
	}
	if err := os.Remove(filepath.Join(e.w.dir, e.code+".db")); err != nil {
		e.w.Fatal(err)
	}
	e.start()
}

// TestErasureReachesBothCopiesAtBothEnds: a person whose name and phone had
// gone to the city is erased at the station. After the next sync and the
// night's compaction neither end can read them any more: not in the database,
// not in what is rebuilt from the second copy, and not in any raw file.
func TestErasureReachesBothCopiesAtBothEnds(t *testing.T) {
	w := newWorld(t, 1, 1)
	e := w.stations[0]
	two := station.Second{PIN: "8642"}
	admin, err := e.desk.AddUser(station.Owner(), station.User{Name: "郑工", Role: station.RoleAdmin}, two.PIN)
	if err != nil {
		t.Fatal(err)
	}
	two.Account = admin.ID
	record := func(name, phone, content string) station.Saved {
		t.Helper()
		s, err := e.desk.Receive(station.Owner(), station.Reception{Voter: station.InVoter{Name: name, Phone: phone},
			Matters: []station.Issue{{Content: content, Category: "11", Disposition: "city"}}}, false, "")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	gone := record("王小明", "13800138000", "我是三号楼的王小明,东门路灯不亮")
	number := gone.Number.Matter(1)
	office := station.Who{Account: "c1", Name: "市办甲", Role: station.RoleCity, City: true}
	step := func(x *end, who station.Who, s station.Step) {
		t.Helper()
		l, err := x.desk.LifeByNumber(who, number)
		if err == nil {
			_, err = x.desk.Take(who, l, s)
		}
		if err != nil {
			t.Fatalf("%s: %v", s.Action, err)
		}
	}
	record("李四", "13900139000", "菜场占道")
	if err := e.sync(); err != nil {
		t.Fatal(err)
	}
	// Both sides write about it, one after the other and, at the end, at once.
	step(e, station.Owner(), station.Step{Action: station.DoNote, Note: "三楼的那位老人又来问过"})
	step(w.city, office, station.Step{Action: station.DoReview, Disposition: "city"})
	step(w.city, office, station.Step{Action: station.DoAssign, Unit: "城管局", Note: "请联系那位腿脚不便的老人"})
	step(w.city, office, station.Step{Action: station.DoAccept})
	if err := e.sync(); err != nil {
		t.Fatal(err)
	}
	step(e, station.Owner(), station.Step{Action: station.DoUrge, Note: "她的儿子来电催问"})
	step(w.city, office, station.Step{Action: station.DoReply, Text: "已为三号楼独居老人装灯", Class: "A"})
	if err := e.sync(); err != nil {
		t.Fatal(err)
	}
	if err := e.sync(); err != nil {
		t.Fatal(err)
	}
	before := w.tell(number)
	texts := []string{"王小明", "13800138000", "东门路灯", "那位老人", "腿脚不便", "她的儿子", "独居老人"}
	for _, x := range w.ends() { // the control: before, all of it can be read at both ends
		for _, text := range texts {
			if !strings.Contains(x.everything(), text) {
				t.Fatalf("%s: %q cannot be found even before; this test would prove nothing", x.code, text)
			}
		}
	}

	f, err := e.desk.Read(station.Owner(), gone.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.desk.Erase(context.Background(), station.Owner(), f, station.Erasing{Content: true, Reason: "本人要求"}, two); err != nil {
		t.Fatal(err)
	}
	if err := e.sync(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 0} { // the night, and once more: what has followed does not follow again
		if n, err := w.city.desk.FollowErasures(context.Background()); err != nil || n != want {
			t.Fatalf("the city follows with %d steps, want %d: %v", n, want, err)
		}
	}
	if err := w.city.led.Compact(context.Background()); err != nil { // what the city does every night
		t.Fatal(err)
	}
	if err := e.sync(); err != nil {
		t.Fatal(err)
	}
	if err := e.led.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	after := w.tell(number)
	if after[0] != after[1] || before[0] != before[1] {
		t.Errorf("the ends tell it differently:\n%s\n%s\n%s\n%s", before[0], before[1], after[0], after[1])
	}
	if blank := regexp.MustCompile(`(?m)^(note|text|answer|content|title) .*$`); blank.ReplaceAllString(before[0], "$1") != blank.ReplaceAllString(after[0], "$1") {
		t.Errorf("the life is another one:\n%s\nwas:\n%s", after[0], before[0])
	}
	look := func(when string) {
		t.Helper()
		for _, x := range w.ends() {
			all := x.everything()
			for _, text := range texts {
				if strings.Contains(all, text) {
					t.Errorf("%s, %s: %q can be read", x.code, when, text)
				}
			}
			if !strings.Contains(all, "菜场占道") {
				t.Errorf("%s, %s: the other matter is gone", x.code, when)
			}
		}
		w.sound()
	}
	look("after the night")
	for _, x := range w.ends() {
		x.fromSecondCopy()
	}
	look("rebuilt from the second copy")
	head, err := w.city.led.Head(e.led.Own())
	mine, err2 := e.led.Head(e.led.Own())
	if err != nil || err2 != nil || head.Hash != mine.Hash {
		t.Errorf("the chains differ: city %d, station %d", head.Seq, mine.Seq)
	}
	if rec, err := w.city.led.Record(station.KindVisit, gone.ID); err != nil || rec.Absent() {
		t.Errorf("the visit itself is gone at the city: %v", err)
	}
	t.Logf("erased at 2 ends in 2 copies each; %d texts looked for in every body, draft, setting and raw file, found 0 (before: all)", len(texts))
}

// tell is a matter's life as each end tells it, a line a fact.
func (w *world) tell(number string) (out []string) {
	w.Helper()
	for _, x := range w.ends() {
		l, err := x.desk.LifeByNumber(x.desk.Owner(), number)
		if err != nil {
			w.Fatalf("%s: %v", x.code, err)
		}
		var b strings.Builder
		fmt.Fprintf(&b, "state %d due %s unit %s class %s replied %s in time %v urged %d\ntitle %s\ncontent %s\nanswer %s\n", l.State, l.Due, l.Unit, l.Class, l.Replied, l.InTime, l.Urged, l.Title, l.Content, l.Answer)
		for _, s := range l.Steps {
			fmt.Fprintf(&b, "%s by %s at %s, %s, moot %v\nnote %s\ntext %s\n", s.Action, s.Name, s.At, s.Ref, s.Moot != nil, s.Note, s.Text)
		}
		out = append(out, b.String())
	}
	return out
}

// TestErasingLeavesNoNameInSteps: name and phone only are erased, as retention
// does it too. What steps of either side say of them goes, also in a step that
// the city wrote before it had heard; the rest of what they say stays.
func TestErasingLeavesNoNameInSteps(t *testing.T) {
	w := newWorld(t, 1, 1)
	e := w.stations[0]
	two := station.Second{PIN: "8642"}
	admin, err := e.desk.AddUser(station.Owner(), station.User{Name: "郑工", Role: station.RoleAdmin}, two.PIN)
	if err != nil {
		t.Fatal(err)
	}
	two.Account = admin.ID
	s, err := e.desk.Receive(station.Owner(), station.Reception{Voter: station.InVoter{Name: "王小明", Phone: "13800138000"},
		Matters: []station.Issue{{Content: "东门路灯不亮", Category: "11", Disposition: "city"}}}, false, "")
	if err != nil {
		t.Fatal(err)
	}
	number := s.Number.Matter(1)
	office := station.Who{Account: "c1", Name: "市办甲", Role: station.RoleCity, City: true}
	step := func(x *end, who station.Who, s station.Step) {
		t.Helper()
		l, err := x.desk.LifeByNumber(who, number)
		if err == nil {
			_, err = x.desk.Take(who, l, s)
		}
		if err != nil {
			t.Fatalf("%s: %v", s.Action, err)
		}
	}
	sync := func() {
		t.Helper()
		if err := e.sync(); err != nil {
			t.Fatal(err)
		}
	}
	step(e, station.Owner(), station.Step{Action: station.DoReview, Disposition: "city", Note: "已电话联系王小明13800138000,同意上报"})
	sync()
	step(w.city, office, station.Step{Action: station.DoAssign, Unit: "城管局", Note: "请联系王小明 138-0013-8000"})
	step(w.city, office, station.Step{Action: station.DoAccept})
	step(w.city, office, station.Step{Action: station.DoUrge, Note: "已催两次"})
	step(w.city, office, station.Step{Action: station.DoReply, Text: "王小明同志:东门路灯已经修好。", Class: "A"})
	sync()
	step(e, station.Owner(), station.Step{Action: station.DoNote, Note: "选民来站致谢"})
	step(w.city, office, station.Step{Action: station.DoNote, Note: "王 小 明来电,号码１３８００１３８０００"}) // the station has not seen it
	l, err := w.city.desk.LifeByNumber(office, number)
	if err == nil {
		err = w.city.desk.SaveDraft(office, station.Draft{Form: "step-note-" + string(l.MatterID), Values: map[string]string{"note": "问过王小明"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	kept := []string{"同意上报", "已催两次", "同志:东门路灯已经修好", "选民来站致谢", "东门路灯不亮", "请联系"}
	names := []string{"王小明", "王 小 明", "13800138000", "138-0013-8000", "１３８００１３８０００"}

	f, err := e.desk.Read(station.Owner(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	r := f.Reception()
	r.Persons, r.Matters[0].Urgency = 2, "urgent"
	if err := e.desk.Correct(station.Owner(), f, r, "王小明带了家属", ""); err != nil {
		t.Fatal(err)
	}
	sync()
	step(w.city, office, station.Step{Action: station.DoNote, Note: "王小明又来电"})
	if f, err = e.desk.Read(station.Owner(), s.ID); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	if err := e.desk.Erase(context.Background(), station.Owner(), f, station.Erasing{Reason: "本人要求"}, two); err != nil {
		t.Fatal(err)
	}
	if told := w.tell(number); strings.Contains(told[1], "王小明") || strings.Contains(told[1], "0013") {
		t.Errorf("the station shows it still: %s", told[1])
	}
	sync()
	step(w.city, office, station.Step{Action: station.DoNote, Note: "市办存档说明"}) // written knowing of it
	kept = append(kept, "市办存档说明")
	sync()
	told := w.tell(number)
	if told[0] != told[1] {
		t.Errorf("the ends tell it differently:\n%s\n%s", told[0], told[1])
	}
	look := func(when string, all []string) {
		t.Helper()
		for i, x := range all {
			for _, text := range names {
				if strings.Contains(x, text) {
					t.Errorf("%s, %s: %q can be read", w.ends()[i].code, when, text)
				}
			}
			for _, text := range kept {
				if !strings.Contains(x, text) {
					t.Errorf("%s, %s: %q is gone", w.ends()[i].code, when, text)
				}
			}
		}
	}
	look("after the sync", told)
	everything := func() (out []string) {
		for _, x := range w.ends() {
			out = append(out, x.everything())
		}
		return out
	}
	for _, want := range []int{4, 0} { // the night, and once more
		if n, err := w.city.desk.FollowErasures(context.Background()); err != nil || n != want {
			t.Errorf("the city follows with %d steps, want %d: %v", n, want, err)
		}
	}
	sync()
	for _, x := range w.ends() {
		if err := x.led.Compact(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	look("after the night", everything())
	w.sound()
	for _, x := range w.ends() {
		x.fromSecondCopy()
	}
	look("rebuilt from the second copy", everything())
	w.sound()
	if after := w.tell(number); after[0] != told[0] || after[1] != told[0] {
		t.Errorf("told otherwise after the night:\n%s\n%s\nwas:\n%s", after[0], after[1], told[0])
	}
}

// TestAHostileCityErasesNothingAtAStation: whoever has the city's ledger names
// everything that a station wrote, audit log included. After the sync nothing
// has gone at the station, in neither copy, and the check says what was asked.
// Nor does a station's program that was exchanged take lines out of the audit
// log at the city; there it is a doubt.
func TestAHostileCityErasesNothingAtAStation(t *testing.T) {
	w := newWorld(t, 1, 1)
	e := w.stations[0]
	if _, err := e.desk.Receive(station.Owner(), station.Reception{Voter: station.InVoter{Name: "王小明", Phone: "13800138000"},
		Matters: []station.Issue{{Content: "东门路灯不亮", Category: "11", Disposition: "city"}}}, false, ""); err != nil {
		t.Fatal(err)
	}
	if err := e.desk.Audit(station.Owner(), station.ActSettings, "x", true, ""); err != nil {
		t.Fatal(err)
	}
	w.settle()
	erase := func(x *end, stream ledger.Stream, of func(ledger.Stream) bool) (refs []ledger.Ref) {
		t.Helper()
		heads, err := e.led.Heads()
		for _, h := range heads {
			for seq := ledger.Seq(1); seq <= h.Seq && of(h.Stream); seq++ {
				refs = append(refs, ledger.Ref{Stream: h.Stream, Seq: seq})
			}
		}
		body, err2 := json.Marshal(ledger.Erasure{Entries: refs})
		_, err3 := x.led.Commit(context.Background(), ledger.Change{New: []ledger.New{{Stream: stream, Kind: ledger.KindErase, ID: ledger.ID("x" + x.code), By: "x", Body: body}}})
		if err := errors.Join(err, err2, err3); err != nil {
			t.Fatal(err)
		}
		return refs
	}
	all := erase(w.city, w.city.led.Own().For(e.code), func(s ledger.Stream) bool { return s.Writer() == e.code })
	lines := erase(e, "", func(s ledger.Stream) bool { return s.Writer() == e.code && station.AuditStream(s) })
	if len(all) < 5 || len(lines) < 1 {
		t.Fatalf("%d and %d entries are named: this shows nothing", len(all), len(lines))
	}
	w.settle()
	look := func(when string) {
		t.Helper()
		for _, x := range w.ends() {
			for _, r := range all {
				got, err := x.led.Entry(r)
				if err != nil || got.Absent() && !(x == w.city && got.Private) {
					t.Errorf("%s, %s: %s %s is gone: %v", when, x.code, got.Kind, r, err)
				}
			}
			tally, err := x.led.Check(context.Background(), func(f ledger.Fault) { t.Errorf("%s, %s: %s", when, x.code, f) })
			if want := len(all) + len(lines); err != nil || tally.Refused != want {
				t.Errorf("%s, %s: %d refused, want %d: %v", when, x.code, tally.Refused, want, err)
			}
		}
	}
	look("after the sync")
	for _, x := range w.ends() {
		x.fromSecondCopy()
	}
	look("rebuilt from the second copy")
}
