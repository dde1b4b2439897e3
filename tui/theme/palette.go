package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// A palette is the few colours from which all styles are made. Contrast
// ratios against the ground are held by a test (WCAG 2.2: text 4.5, muted
// text 4.5, lines 1.5).
type palette struct {
	ground, text, muted, line color.Color
	accent                    color.Color
	field, fieldOn            color.Color // ground of a field, and of the one with the cursor
	ok, warn, bad             color.Color
	bold                      bool // weight carries more than colour
}

func light() palette {
	return palette{
		ground: lipgloss.Color("#ffffff"), text: lipgloss.Color("#1f2328"),
		muted: lipgloss.Color("#5f6770"), line: lipgloss.Color("#c4cad1"),
		accent: lipgloss.Color("#0b5cad"),
		field:  lipgloss.Color("#f4f6f8"), fieldOn: lipgloss.Color("#e3eefb"),
		ok: lipgloss.Color("#1a6b34"), warn: lipgloss.Color("#855300"), bad: lipgloss.Color("#b3261e"),
	}
}

func night() palette {
	return palette{
		ground: lipgloss.Color("#15181c"), text: lipgloss.Color("#e3e6ea"),
		muted: lipgloss.Color("#969ea8"), line: lipgloss.Color("#454c55"),
		accent: lipgloss.Color("#7ab7f5"),
		field:  lipgloss.Color("#1d2127"), fieldOn: lipgloss.Color("#213448"),
		ok: lipgloss.Color("#77c58d"), warn: lipgloss.Color("#e5b567"), bad: lipgloss.Color("#ff8a80"),
	}
}

// contrast is black and white; colour only repeats what weight and words say.
func contrast(dark bool) palette {
	black, white := lipgloss.Color("#000000"), lipgloss.Color("#ffffff")
	p := palette{
		ground: white, text: black, muted: black, line: black, accent: black,
		field: white, fieldOn: lipgloss.Color("#ffff9e"),
		ok: lipgloss.Color("#004d14"), warn: lipgloss.Color("#5c3a00"), bad: lipgloss.Color("#9b0000"),
		bold: true,
	}
	if dark {
		p.ground, p.text, p.muted, p.line, p.accent = black, white, white, white, white
		p.field, p.fieldOn = black, lipgloss.Color("#0000a8")
		p.ok, p.warn, p.bad = lipgloss.Color("#8dff9e"), lipgloss.Color("#ffe27a"), lipgloss.Color("#ffb0a8")
	}
	return p
}

// fromPalette makes every style from the palette.
func fromPalette(p palette) *Theme {
	ink := func(c color.Color) lipgloss.Style { return lipgloss.NewStyle().Foreground(c) }
	on := ink(p.text).Background(p.fieldOn)
	return &Theme{
		Foreground: p.text, Background: p.ground,

		Text:   ink(p.text),
		Muted:  ink(p.muted),
		Title:  ink(p.text).Bold(true),
		Head:   ink(p.muted).Bold(p.bold),
		Accent: ink(p.accent).Bold(true),
		Rule:   ink(p.line),
		Number: ink(p.accent).Bold(true),

		Label:        ink(p.muted),
		LabelFocused: ink(p.accent).Bold(true),
		Field:        ink(p.text),
		FieldFocused: on,
		Placeholder:  ink(p.muted).Italic(true),
		PlaceFocused: ink(p.muted).Background(p.fieldOn).Italic(true),
		Match:        ink(p.text).Background(p.field),
		MatchOn:      on.Bold(true),
		MatchHint:    ink(p.muted).Background(p.field),

		Selected: on.Bold(p.bold),
		Key:      ink(p.accent),
		Action:   ink(p.muted),
		Panel:    ink(p.text).Background(p.field),
		PanelKey: ink(p.accent).Background(p.field).Bold(true),

		Ok:    ink(p.ok),
		Warn:  ink(p.warn).Bold(p.bold),
		Error: ink(p.bad).Bold(true),
	}
}

// colourless makes the styles from weight, underline and reverse alone.
func colourless() *Theme {
	none := lipgloss.NewStyle()
	bold, faint, line := none.Bold(true), none.Faint(true), underlined(none)
	return &Theme{
		Text: none, Muted: none, Title: bold, Head: bold, Accent: bold, Rule: faint, Number: bold,

		Label: none, LabelFocused: bold,
		Field: none, FieldFocused: line,
		Placeholder: faint, PlaceFocused: underlined(faint),
		Match: none, MatchOn: none.Reverse(true), MatchHint: none,

		Selected: none.Reverse(true),
		Key:      bold, Action: none,
		Panel: none, PanelKey: bold,

		Ok: none, Warn: bold, Error: underlined(bold),
	}
}

// underlined adds a line under the text. Style.Underline styles every code
// point by itself, which tears combining marks from their letters and sends
// ten bytes for one.
func underlined(s lipgloss.Style) lipgloss.Style {
	return s.Transform(func(text string) string {
		return ansi.NewStyle(ansi.AttrUnderline).String() + text + ansi.NewStyle(ansi.AttrNoUnderline).String()
	})
}
