// Package theme holds every Lip Gloss style of the interface, named by what
// it is for.
//
// A theme is a value made for one session: two people on the same station may
// sit before a light and a dark terminal. There is one accent colour. Colour
// never says anything alone: what is an error also says so in words, what is
// selected is also marked.
package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"

	"liaison/tui/cell"
)

// A Mode is how a person wants the screen to look.
type Mode string

// The modes, as they are written in the settings.
const (
	Auto     Mode = "auto"     // light or dark, as the terminal's background is
	Light    Mode = "light"    // dark on white, whatever the terminal's background is
	Dark     Mode = "dark"     // light on black, likewise
	Contrast Mode = "contrast" // black, white and weight
	Plain    Mode = "plain"    // no colour at all (NO_COLOR, TERM=dumb)
)

// Modes lists the modes in the order in which a setting offers them.
func Modes() []Mode { return []Mode{Auto, Light, Dark, Contrast, Plain} }

// ParseMode returns the mode that is written as s, and Auto for anything else.
func ParseMode(s string) Mode {
	for _, m := range Modes() {
		if string(m) == s {
			return m
		}
	}
	return Auto
}

// A Theme is the set of styles of one session. It is not changed after New;
// a pointer to it identifies it in caches.
type Theme struct {
	Mode   Mode
	Dark   bool // light text on a dark ground
	Glyphs cell.Glyphs

	// The ground of the whole screen, for tea.View. Both are nil where the
	// terminal's own colours are used.
	Foreground, Background color.Color

	Text   lipgloss.Style // what is read
	Muted  lipgloss.Style // what can be passed over: hints, units, times
	Title  lipgloss.Style // name of the screen
	Head   lipgloss.Style // name of a part of the screen, head of a table
	Accent lipgloss.Style // what to do next
	Rule   lipgloss.Style // lines
	Number lipgloss.Style // a number that is read aloud

	Label        lipgloss.Style // name of a field
	LabelFocused lipgloss.Style // name of the field with the cursor
	Field        lipgloss.Style // value of a field
	FieldFocused lipgloss.Style // value of the field with the cursor, over its whole width
	Placeholder  lipgloss.Style // example in an empty field
	PlaceFocused lipgloss.Style // example in the empty field with the cursor
	Match        lipgloss.Style // row of a list under a field
	MatchOn      lipgloss.Style // the row of it that Enter takes
	MatchHint    lipgloss.Style // what stands beside it

	Selected lipgloss.Style // row of a list that the keys act on
	Key      lipgloss.Style // a key at the foot of the screen
	Action   lipgloss.Style // what the key does
	Panel    lipgloss.Style // ground of a dialogue
	PanelKey lipgloss.Style // a button in it

	Ok    lipgloss.Style // done, in time, confirmed
	Warn  lipgloss.Style // soon due, waiting, not confirmed
	Error lipgloss.Style // wrong, overdue, failed
}

// New makes the theme for a mode. Dark says whether the terminal's background
// is dark (tea.BackgroundColorMsg.IsDark); it decides in the modes Auto and
// Contrast.
func New(mode Mode, dark bool) *Theme {
	var t *Theme
	switch mode {
	case Plain:
		t = colourless()
	case Contrast:
		t = fromPalette(contrast(dark))
	case Light:
		t, dark = fromPalette(light()), false
	case Dark:
		t, dark = fromPalette(night()), true
	default:
		mode = Auto
		p := light()
		if dark {
			p = night()
		}
		t = fromPalette(p)
		t.Foreground, t.Background = nil, nil
	}
	t.Mode, t.Dark = mode, dark
	t.Glyphs = cell.PlainGlyphs()
	return t
}

// ASCII returns the same theme for a terminal that draws ambiguous characters
// two cells wide.
func (t *Theme) ASCII() *Theme {
	to := *t
	to.Glyphs = cell.ASCIIGlyphs()
	return &to
}
