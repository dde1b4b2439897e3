package tui

import (
	"testing"

	"liaison/station"
)

// Suggestions and what the supervisions lack, at the city and at the station
// that one concerns, in both languages on a small and on a large screen.
func TestGoldenSuggestions(t *testing.T) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"80x24", 80, 24}, {"140x45", 140, 45}} {
		for _, language := range []string{"zh", "en"} {
			name := size.name + "." + language
			t.Run(name, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					c := newSampleCity(t)
					must := func(err error) {
						t.Helper()
						if err != nil {
							t.Fatal(err)
						}
					}
					for _, d := range []*station.Desk{c.desk, c.one} {
						set := d.Settings()
						set.Language = language
						must(d.SaveSettings(d.Owner(), set))
					}
					one, err := c.desk.NewSuggestion(c.office, station.Suggestion{Term: 17, Meeting: 4, Title: "关于学校门口建立体车库的建议", Body: "情况、分析和具体意见。", Lead: "D001", Category: "12"})
					must(err)
					_, err = c.desk.AssignSuggestion(c.office, one.ID(), []station.Undertaker{{Unit: "GA"}, {Unit: "CG", Role: "co"}}, false)
					must(err)
					_, err = c.desk.MarkSuggestion(c.office, one.ID(), "群众反映集中")
					must(err)
					_, err = c.desk.ReplySuggestion(c.office, one.ID(), station.SuggestionReply{Doc: "丹公字〔2026〕9号", Text: "已列入明年的建设计划,三月开工。", Class: "A", Met: true})
					must(err)
					_, err = c.desk.NewSuggestion(c.office, station.Suggestion{Term: 17, Meeting: 4, Title: "关于增加社区食堂的建议", Body: "情况、分析和具体意见。", Lead: "D001", Category: "5"})
					must(err)
					c.carry()

					s := sit(t, c.config(), Caller{Who: c.office}, size.w, size.h)
					s.press("f7", "down")
					s.golden("suggestions." + name)
					s.press("f5")
					s.golden("supervision." + name)
					at := sit(t, sampleConfig(c.one, enrolled()), Caller{Who: c.head}, size.w, size.h)
					at.press("f8")
					at.golden("suggestions-station." + name)
				})
			})
		}
	}
}
