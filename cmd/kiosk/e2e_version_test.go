//go:build !race

package main

import (
	"runtime/debug"
	"testing"
)

// TestTheTerminalStackIsTheOneThatWasTried: releases of these modules have lost
// Chinese characters, hung on them, or let people in under another's name, and
// a new one comes in through the requirements of others unasked. A new version
// is taken on purpose: after TestEveryFrameIsDrawnRight and the tests of
// tui/door, by a change here.
func TestTheTerminalStackIsTheOneThatWasTried(t *testing.T) {
	want := map[string]string{
		"charm.land/bubbletea/v2":              "v2.1.1",
		"charm.land/lipgloss/v2":               "v2.0.6",
		"charm.land/wish/v2":                   "v2.0.4",
		"charm.land/ssh":                       "v0.4.3",
		"github.com/charmbracelet/ultraviolet": "v0.0.0-20261008173134-6b8d4baf91b4",
		"github.com/charmbracelet/x/ansi":      "v0.11.9",
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("this binary does not know what it was built from")
	}
	for _, m := range info.Deps {
		if v, ok := want[m.Path]; ok {
			if m.Replace != nil {
				t.Errorf("%s is replaced by %s", m.Path, m.Replace.Path)
			}
			if m.Version != v {
				t.Errorf("%s is %s, tried was %s", m.Path, m.Version, v)
			}
			delete(want, m.Path)
		}
	}
	for path := range want {
		t.Errorf("%s is not in the program", path)
	}
}
