package tui

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"liaison/station"
	"liaison/tui/cell"
)

var verb = regexp.MustCompile(`%[0-9]*[a-z]`)

func bothLanguages(t *testing.T, what string, x station.Text) {
	t.Helper()
	if strings.TrimSpace(x.ZH) == "" || strings.TrimSpace(x.EN) == "" {
		t.Errorf("%s lacks a language: %+v", what, x)
	}
	plain := func(s string) []string {
		var out []string
		for _, v := range verb.FindAllString(s, -1) {
			out = append(out, v[len(v)-1:])
		}
		return out
	}
	if !slices.Equal(plain(x.ZH), plain(x.EN)) {
		t.Errorf("%s takes %v in Chinese and %v in English", what, plain(x.ZH), plain(x.EN))
	}
}

// Every word, binding and page help is there in both languages, and a word
// takes the same arguments in both.
func TestEveryTextIsInBothLanguages(t *testing.T) {
	if got := len(words); got != int(wordsEnd) {
		t.Errorf("%d words in the tables for %d names", got, wordsEnd)
	}
	if got := len(listWords); got != int(listWordsEnd-wordsEnd-1) {
		t.Errorf("%d words of the lists in the tables for %d names", got, listWordsEnd-wordsEnd-1)
	}
	for w := range listWordsEnd {
		if w == wordsEnd {
			continue
		}
		x := w.text()
		if w == wColon { // a blank may stand in it
			continue
		}
		bothLanguages(t, "word "+x.ZH+x.EN, x)
	}
	for _, b := range bindings {
		bothLanguages(t, "binding "+b.keys[0], b.text)
		bothLanguages(t, "help of "+b.keys[0], b.help)
	}
	for s := inHome; s <= inLock; s++ {
		bothLanguages(t, "help of page "+itoa(int(s)), pageHelp[s])
	}
}

// A key does one thing on a page. A function key has a twin with Ctrl or Alt,
// since terminals keep some function keys for themselves; digits act only in
// the menu of the first page, and letters nowhere: they belong to the input
// method.
func TestKeysOfBindings(t *testing.T) {
	for s := inHome; s <= inLock; s++ {
		taken := map[string]action{}
		for _, b := range bindings {
			if b.scope != s && b.scope != everywhere {
				continue
			}
			for _, k := range b.keys {
				if id, ok := taken[k]; ok && id != b.id {
					t.Errorf("page %d: %s does two things: %s and %s", s, k, b.text.EN, label(id))
				}
				taken[k] = b.id
			}
		}
	}
	for _, b := range bindings {
		twin := false
		for _, k := range b.keys {
			if len(k) == 1 && (b.scope != inHome && b.scope != inCity || k < "0" || k > "9") {
				t.Errorf("%s listens for the character %q", b.text.EN, k)
			}
			twin = twin || strings.HasPrefix(k, "ctrl+") || strings.HasPrefix(k, "alt+")
		}
		if k := b.keys[0]; len(k) > 1 && k[0] == 'f' && !twin {
			t.Errorf("%s (%s) has no twin with Ctrl or Alt", b.text.EN, k)
		}
	}
}

func label(id action) string {
	for _, b := range bindings {
		if b.id == id {
			return b.text.EN
		}
	}
	return "?"
}

// What bindings of pages with text fields listen for is not what a field
// edits with.
func TestBindingsLeaveEditingKeysAlone(t *testing.T) {
	editing := []string{"left", "right", "home", "end", "ctrl+home", "ctrl+end", "backspace", "delete", "ctrl+h", "ctrl+w", "ctrl+u", "ctrl+z", "ctrl+y",
		"alt+b", "alt+f", "alt+d", "ctrl+left", "ctrl+right", "alt+backspace", "alt+delete", "ctrl+backspace", "ctrl+delete", "ctrl+j", "alt+enter", "tab", "shift+tab"}
	for _, b := range bindings {
		if b.scope == inTotals { // no field there
			continue
		}
		for _, k := range b.keys {
			if slices.Contains(editing, k) {
				t.Errorf("%s takes %s, with which text is edited", b.text.EN, k)
			}
		}
	}
}

// A dialog cuts the page under it anywhere, also in the middle of a wide
// character, and the columns stay.
func TestClipStyledKeepsColumns(t *testing.T) {
	s := "\x1b[1m路a灯\x1b[m b" + "小区"
	for from := range 12 {
		for to := range 12 {
			if got := cell.Width(clipStyled(s, from, to)); got != max(0, to-from) {
				t.Errorf("cells %d to %d are %d wide", from, to, got)
			}
		}
	}
}
