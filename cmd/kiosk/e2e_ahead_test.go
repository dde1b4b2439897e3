//go:build !race

package main

import (
	"slices"
	"testing"

	"liaison/tui/tuitest"
)

// TestWhatIsTypedAheadArrives: over a slow line keys come in bunches, those for
// a page together with the one that opens it. None of them is lost, and none
// goes to where it was not meant.
func TestWhatIsTypedAheadArrives(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 80, 24)
	s := c.colleague(80, 24)
	for _, term := range []*tuitest.Terminal{c.Terminal, s} {
		first, second := []string{"赵敏芝", "enter", "qa", "enter"}, []string{"无", "enter", "钱小兰", "enter", "qa", "enter"}
		if term == s { // by now both are known: Enter takes the one of this phone, and the one of this name
			first, second = nil, []string{"tab", "钱小兰", "enter"}
		}
		ahead(term, slices.Concat([]string{"f2", "13800138055", "enter"}, first, []string{"桥栏杆断了。", "tab", "11", "tab", "f4", "2", "f10", "enter"},
			second, []string{"另一位的事。", "tab", "11", "j", "f10"})...)
		saved(term)
		ahead(term, "f3", "赵敏芝", "enter")
		term.WaitText("桥栏杆断了。", "已当场协调", "138")
		ahead(term, "f12", demoPIN, "enter", "pgdown")
		term.WaitText("桥栏杆断了。", "已当场协调")
	}
}

// ahead sends keys and texts in one piece.
func ahead(s *tuitest.Terminal, keys ...string) {
	s.Helper()
	all := ""
	for _, k := range keys {
		seq, err := tuitest.Bytes(k)
		if err != nil {
			seq = k // a text
		}
		all += seq
	}
	s.Type(all)
}
