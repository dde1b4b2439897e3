package tui

import (
	"testing"

	"liaison/station"
)

// English on the smallest screen was cut off in the middle of what it meant:
// hints of menus, keys of the help, the count of void receptions, and a label
// that ran into its value.
func TestEnglishWasCutOnASmallScreen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		look{language: "en"}.speaks(t, c.desk)
		look{language: "en"}.speaks(t, c.one)
		_, err := c.desk.NewSuggestion(c.office, station.Suggestion{Term: 17, Meeting: 4, Title: "关于学校门口建立体车库的建议", Body: "情况。", Lead: "D001", Category: "12"})
		if err != nil {
			t.Fatal(err)
		}
		s := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		s.press("f7", "f7")
		s.see("The legal clock runs from today:", "broad or difficult.") // the marked one says all of it
		s.press("down")
		s.see("the mark away.")
		s.seeNot("broad or difficult.")
		s.press("esc", "esc", "4", "f1")
		s.see("stations have it")
		s.see("the next sync")
		s.press("esc", "esc")
		s.run(s.m.push(newQueue("classify")))
		s.press("enter")
		s.see("Station     曲阿街道代表联络站")

		at := sit(t, sampleConfig(c.one, enrolled()), Caller{Who: c.head}, MinWidth, MinHeight)
		at.press("5")
		at.see("entered late   0 void", "÷ all matters, without void")
	})
}
