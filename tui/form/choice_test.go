package form

import (
	"strings"
	"testing"
)

func TestAChoiceIsMadeByLetterDigitAndArrow(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want string
	}{
		{nil, "onspot"},
		{[]string{"c"}, "town"},
		{[]string{"C"}, "town"},
		{[]string{"ｃ"}, "town"}, // from an input method
		{[]string{"Ｄ"}, "city"},
		{[]string{"right", "right"}, "town"},
		{[]string{"left"}, "collect"},
		{[]string{"space"}, "village"},
		{[]string{"end"}, "collect"},
		{[]string{"e", "home"}, "onspot"},
		{[]string{"z", "九"}, "onspot"}, // no such option
		{[]string{"ctrl+c", "alt+b"}, "onspot"},
	} {
		f := New("f", Row{In(NewChoice(ChoiceConfig{ID: "d", Label: "处理", Options: dispositions()}), 0)})
		keys(f, c.keys...)
		if got := f.Value("d"); got != c.want {
			t.Errorf("%q chose %q, want %q", c.keys, got, c.want)
		}
	}
}

func TestAPastedDigitChooses(t *testing.T) {
	f := New("f", Row{In(NewChoice(ChoiceConfig{ID: "n", Options: []Option{{Value: "a", Keys: "1"}, {Value: "b", Keys: "2"}}}), 0)})
	f.Paste("２")
	if got := f.Value("n"); got != "b" {
		t.Errorf("chose %q", got)
	}
	f.Paste("")
	if got := f.Value("n"); got != "b" {
		t.Errorf("an empty paste chose %q", got)
	}
}

func TestHopGoesOn(t *testing.T) {
	f := New("f",
		Row{In(NewChoice(ChoiceConfig{ID: "d", Label: "处理", Options: dispositions(), Hop: true}), 0)},
		Row{In(NewText(TextConfig{ID: "t", Label: "答复"}), 0)})
	keys(f, "z")
	if f.Focused().ID() != "d" {
		t.Fatal("a letter without an option went on")
	}
	keys(f, "b", "x")
	if f.Value("d") != "village" || f.Value("t") != "x" {
		t.Errorf("chose %q, then typed %q", f.Value("d"), f.Value("t"))
	}
}

// The chosen option is marked without colour, whatever fits.
func TestTheChosenOptionIsMarkedAndInSight(t *testing.T) {
	for _, width := range []int{20, 40, 60, 80, 120} {
		f := New("f", Row{In(NewChoice(ChoiceConfig{ID: "d", Label: "处理", Options: dispositions(), Spread: true}), 0)})
		for _, o := range dispositions() {
			keys(f, o.Keys)
			l := draw(t, f, width, 1)
			if !strings.Contains(l.rows[0], "["+o.Keys+" "+o.Label) {
				t.Errorf("at %d: %q does not show %s", width, l.rows[0], o.Label)
			}
			if l.right() != o.Keys {
				t.Errorf("at %d: the cursor is on %q, want %q", width, l.right(), o.Keys)
			}
		}
	}
}

func TestAClickChooses(t *testing.T) {
	f := New("f",
		Row{In(NewChoice(ChoiceConfig{ID: "d", Label: "处理", Options: dispositions(), Spread: true}), 0)},
		Row{In(NewChoice(ChoiceConfig{ID: "s", Label: "性别", Options: []Option{{Value: "m", Label: "男"}, {Value: "f", Label: "女"}}}), 0)})
	l := draw(t, f, 120, 2)
	x := 0
	for x < 120 && l.cells.CellAt(x, 0).Content != "镇" {
		x++
	}
	if !f.Click(x, 0) || f.Value("d") != "town" {
		t.Errorf("a click on 交镇街 chose %q", f.Value("d"))
	}
	f.Click(7, 1)
	if f.Focused().ID() != "s" || f.Value("s") != "m" {
		t.Errorf("the first click must only bring the focus, %q has it, %q is chosen", f.Focused().ID(), f.Value("s"))
	}
	f.Click(7, 1)
	if f.Value("s") != "f" {
		t.Errorf("the second click chose %q", f.Value("s"))
	}
}

func TestOptionsCanBeReplaced(t *testing.T) {
	c := NewChoice(ChoiceConfig{ID: "d", Options: dispositions(), Value: "city"})
	c.SetOptions(dispositions()[2:])
	if c.Value() != "city" {
		t.Errorf("the choice became %q", c.Value())
	}
	c.SetOptions(dispositions()[:2])
	if c.Value() != "onspot" {
		t.Errorf("without the chosen option the value is %q", c.Value())
	}
	c.SetOptions(nil)
	f := New("f", Row{In(c, 0)})
	keys(f, "a", "left", "space")
	draw(t, f, 20, 1)
	if c.Value() != "" {
		t.Errorf("without options the value is %q", c.Value())
	}
}
