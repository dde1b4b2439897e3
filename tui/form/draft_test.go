package form

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"
)

func TestADraftBringsEverythingBack(t *testing.T) {
	f := reception()
	commit(f, "138001")
	keys(f, "tab")
	commit(f, "王小明")
	f.FocusID("village")
	commit(f, "qac")
	keys(f, "enter")
	commit(f, "ljg")
	keys(f, "enter")
	commit(f, "wx") // typed, not yet picked
	f.FocusID("content")
	commit(f, "小区路灯")
	keys(f, "alt+enter")
	commit(f, "坏了")
	f.FocusID("disposition")
	keys(f, "d")

	g := reception() // after a crash, or in another window
	g.Restore(f.Draft())
	if !maps.Equal(g.Draft(), f.Draft()) {
		t.Errorf("brought back %v\nof %v", g.Draft(), f.Draft())
	}
	if g.Dirty() {
		t.Error("what was just read is to be written again")
	}
	g.FocusID("deputies")
	l := draw(t, g, 80, 20)
	l.has("李建国  wx")
	l.has("› 王秀英")
	g.FocusID("content")
	if l = draw(t, g, 80, 20); l.left() != "了" {
		t.Errorf("the caret is behind %q", l.left())
	}
}

func TestADraftOfAnotherLayoutIsTakenAsFarAsItGoes(t *testing.T) {
	f := reception()
	f.Set("name", "李四")
	f.Restore(map[string]string{"phone": "1\x1b[2J3", "gone": "x", "gone query": "y", "phone query": "z", "disposition": "no such"})
	if f.Value("phone") != "13" || f.Value("name") != "李四" || f.Value("disposition") != "onspot" {
		t.Errorf("values: %v", f.Values())
	}
}

func TestOnlyChangesMakeAFormDirty(t *testing.T) {
	f := reception()
	for _, k := range []string{"tab", "left", "right", "home", "end", "up", "down", "esc", "backspace", "delete", "ctrl+z", "enter"} {
		keys(f, k)
		if f.Dirty() {
			t.Fatalf("%s made the form dirty", k)
		}
	}
	f.FocusID("name")
	commit(f, "王")
	if !f.Dirty() {
		t.Fatal("a change does not count")
	}
	at := f.Generation()
	commit(f, "小") // typed while the draft is being written
	f.Saved(at)
	if !f.Dirty() {
		t.Error("what was typed meanwhile counts as saved")
	}
	f.Saved(f.Generation())
	if f.Dirty() {
		t.Error("dirty after saving")
	}
	f.FocusID("village")
	keys(f, "x")
	if !f.Dirty() {
		t.Error("a query that was typed is not kept")
	}
}

// Someone who types without a pause loses no more than someone who stops: the
// time runs from the first unsaved change.
func TestADraftIsDueHalfASecondAfterTheFirstChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := reception()
		if f.Autosave() != nil {
			t.Fatal("an untouched form is to be written")
		}
		f.FocusID("name")
		commit(f, "王")
		start := time.Now()
		due := f.Autosave()
		if due == nil {
			t.Fatal("nothing is due")
		}
		time.Sleep(400 * time.Millisecond) // of the fake clock
		commit(f, "小明")
		if f.Autosave() != nil {
			t.Fatal("the time starts again with every key")
		}
		msg := due().(DraftMsg)
		if wait := time.Since(start) - 400*time.Millisecond; wait > DraftPause {
			t.Errorf("due %v after the first change", wait)
		}
		if _, _, ok := f.Due(DraftMsg{Form: "another"}); ok {
			t.Error("took the message of another form")
		}
		draft, generation, ok := f.Due(msg)
		if !ok || draft["name"] != "王小明" {
			t.Fatalf("draft %v, due %v", draft, ok)
		}
		commit(f, "明")
		f.Saved(generation)
		if f.Autosave() == nil {
			t.Error("what was typed while saving is not due")
		}
		f.Saved(f.Generation())
		if _, _, ok := f.Due(msg); ok {
			t.Error("a saved form is written again")
		}
	})
}
