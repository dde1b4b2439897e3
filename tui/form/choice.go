package form

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"liaison/tui/cell"
	"liaison/tui/theme"
)

// An Option is one thing that can be chosen.
type Option struct {
	Value string // what is kept
	Label string // what a person reads
	Hint  string // what stands beside it in a list
	Keys  string // in a Choice: letters or digits that choose it, the first is shown
}

// ChoiceConfig says what a Choice is.
type ChoiceConfig struct {
	ID, Label string
	Options   []Option
	Value     string // chosen at first, "": the first option
	Spread    bool   // all options are drawn, not the chosen one alone
	Hop       bool   // a letter or digit also goes on to the next field
	Rule      Rule
}

// Choice is a field with a few fixed options, one of them chosen. Left, Right
// and Space change it, and so do the letters and digits of the options, also
// in the full-width forms that an input method sends.
type Choice struct {
	base
	options     []Option
	at          int
	spread, hop bool
	spans       []span // columns of the options at the last drawing
}

// span is where an option was drawn.
type span struct{ option, from, to int }

// NewChoice makes a Choice. Without options it shows nothing and keeps "".
func NewChoice(c ChoiceConfig) *Choice {
	f := &Choice{base: newBase(c.ID, c.Label, c.Rule), options: c.Options, spread: c.Spread, hop: c.Hop}
	f.SetValue(c.Value)
	return f
}

// Value is the value of the chosen option.
func (c *Choice) Value() string {
	if len(c.options) == 0 {
		return ""
	}
	return c.options[c.at].Value
}

// SetValue chooses the option with that value; an unknown one changes nothing.
func (c *Choice) SetValue(v string) {
	if i := slices.IndexFunc(c.options, func(o Option) bool { return o.Value == v }); i >= 0 {
		c.pick(i)
	}
}

// SetOptions replaces the options and keeps the chosen value if it is still
// among them.
func (c *Choice) SetOptions(options []Option) {
	v := c.Value()
	c.options, c.at = options, 0
	c.version++
	c.SetValue(v)
}

func (c *Choice) pick(i int) {
	if i != c.at {
		c.at = i
		c.changed()
	}
}

// Blur ends choosing.
func (c *Choice) Blur() {
	c.focused = false
	c.version++
	c.Check()
}

// Check applies the rule.
func (c *Choice) Check() bool {
	normal, ok := c.judge(c.Value())
	if ok {
		c.SetValue(normal)
	}
	return ok
}

// Key changes the choice.
func (c *Choice) Key(k tea.KeyPressMsg) Reply {
	n := len(c.options)
	if n == 0 {
		return Pass
	}
	switch k.Keystroke() {
	case "left":
		c.pick((c.at + n - 1) % n)
		return Took
	case "right", "space":
		c.pick((c.at + 1) % n)
		return Took
	case "home":
		c.pick(0)
		return Took
	case "end":
		c.pick(n - 1)
		return Took
	}
	text := printable(k)
	if text == "" {
		return Pass
	}
	if c.choose(text) && c.hop {
		return Leave
	}
	return Took // a wrong letter does nothing, and goes nowhere else
}

// Paste chooses by the first letter of the text: an input method may send a
// digit this way.
func (c *Choice) Paste(s string) { c.choose(s) }

// choose picks the option whose keys hold the first character of text.
func (c *Choice) choose(text string) bool {
	key, _ := cell.Next(strings.ToUpper(cell.Fold(strings.TrimSpace(text))))
	if key == "" {
		return false
	}
	for i, o := range c.options {
		if strings.Contains(strings.ToUpper(o.Keys), key) {
			c.pick(i)
			return true
		}
	}
	return false
}

// Click chooses the option in the clicked column. Where only the chosen one is
// drawn, a first click brings the focus and each further one the next option.
func (c *Choice) Click(x, _ int, again bool) {
	if !c.spread {
		if n := len(c.options); n > 0 && again {
			c.pick((c.at + 1) % n)
		}
		return
	}
	for _, s := range c.spans {
		if x >= s.from && x < s.to {
			c.pick(s.option)
		}
	}
}

// Draw returns the one row of the field.
func (c *Choice) Draw(width int, th *theme.Theme) Drawing {
	return c.draw(width, th, func() Drawing {
		if len(c.options) == 0 {
			return blankLine("", width, c.focused, th)
		}
		if c.spread {
			return c.paintAll(width, th)
		}
		return c.paintOne(width, th)
	})
}

// paintOne draws the chosen option, with arrows while it can be changed.
func (c *Choice) paintOne(width int, th *theme.Theme) Drawing {
	text := c.face(c.at, th)
	style := th.Field
	if c.focused {
		style = th.FieldFocused
		if arrows := " " + th.Glyphs.Prev + th.Glyphs.Next; cell.Width(text+arrows) <= width {
			text += arrows
		}
	}
	line := style.Render(cell.Pad(cell.Clip(text, width, th.Glyphs.More), width))
	return Drawing{Lines: []string{line}, Cursor: c.focused}
}

// face is how an option is written: its key and its name.
func (c *Choice) face(i int, th *theme.Theme) string {
	o := c.options[i]
	if key, _ := cell.Next(o.Keys); key != "" {
		return key + " " + show(o.Label, th)
	}
	return show(o.Label, th)
}

// paintAll draws the options side by side, as many as fit around the chosen
// one. The chosen one stands in brackets, so that colour is not needed.
func (c *Choice) paintAll(width int, th *theme.Theme) Drawing {
	first, last := c.window(width, th)
	d := Drawing{Cursor: c.focused}
	line, x := "", 0
	add := func(text string, style lipgloss.Style) {
		text = cell.Clip(text, width-x, "")
		line += style.Render(text)
		x += cell.Width(text)
	}
	c.spans = c.spans[:0]
	if first > 0 {
		add(th.Glyphs.Prev, th.Muted)
	}
	for i := first; i <= last; i++ {
		from := x
		if i == c.at {
			d.X = x + 1
			style := th.Accent
			if c.focused {
				style = th.FieldFocused.Bold(true)
			}
			add("["+c.face(i, th)+"]", style)
		} else {
			add(" "+c.face(i, th)+" ", th.Field)
		}
		c.spans = append(c.spans, span{i, from, x})
	}
	if last < len(c.options)-1 {
		add(th.Glyphs.Next, th.Muted)
	}
	d.X = min(d.X, max(width-1, 0))
	d.Lines = []string{line + cell.Blank(width-x)}
	return d
}

// window is the run of options around the chosen one that fits into width.
func (c *Choice) window(width int, th *theme.Theme) (first, last int) {
	size := func(i int) int { return cell.Width(c.face(i, th)) + 2 }
	total := 0
	for i := range c.options {
		total += size(i)
	}
	if total <= width {
		return 0, len(c.options) - 1
	}
	first, last = c.at, c.at
	used := size(c.at) + 2 // the marks at both ends
	for grown := true; grown; {
		grown = false
		if last+1 < len(c.options) && used+size(last+1) <= width {
			last++
			used += size(last)
			grown = true
		}
		if first > 0 && used+size(first-1) <= width {
			first--
			used += size(first)
			grown = true
		}
	}
	return first, last
}
