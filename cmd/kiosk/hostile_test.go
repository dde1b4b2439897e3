package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"liaison/station/ledger"
)

// hostile is text as an older program, or a city that means ill, might have
// stored it: a clipboard, a title, a clear screen, kitty graphics, C1, a bell,
// direction and width tricks, and a formula.
const hostile = "=HYPERLINK(1)\x1b]52;c;cm0gLXJm\x07\x1b]0;x\x07\x1b[2J\x1b_Ga=T,f=100;AAAA\x1b\\\x1bP+q544e\x1b\\\u009b31m\u009d52;c;x\u009c\u0085\u202e\u2066\u200b字"

// poison has the station hold a reception whose every text is hostile, past the
// desk that would have cleaned it, and returns its number.
func poison(t *testing.T, f folder) (number string) {
	t.Helper()
	const mark = "恶意的文字"
	number = strings.TrimSpace(f.okIn(line(mark, mark)+"\n", "add"))
	k, err := openKiosk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	es, err := k.led.Since(k.led.Own(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range es {
		if !bytes.Contains(e.Body, []byte(mark)) {
			continue
		}
		body := bytes.ReplaceAll(e.Body, []byte(mark), b[1:len(b)-1])
		_, err := k.led.Commit(t.Context(), ledger.Change{New: []ledger.New{{Kind: e.Kind, ID: e.ID, At: e.At, By: e.By, Private: e.Private, Replaces: e.Ref, Body: body}}})
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n < 2 {
		t.Fatalf("%d records hold the text", n)
	}
	if err := k.close(); err != nil {
		t.Fatal(err)
	}
	return number
}

// TestStoredTextCommandsNoTerminal: whatever is stored, no command and no screen
// hands it to a terminal as more than letters, no spreadsheet takes it for a
// formula, and the log stays a line an event.
func TestStoredTextCommandsNoTerminal(t *testing.T) {
	f := newStation(t)
	number := poison(t, f)
	dir := t.TempDir()
	shown := 0
	for _, args := range [][]string{
		{"list", "receptions"}, {"list", "receptions", "--json"}, {"list", "matters"}, {"list", "matters", "--json"}, {"list", "receptions", "--search", "字"},
		{"show", number}, {"show", number, "--json"}, {"show", number + "/1"}, {"totals"}, {"totals", "--json"}, {"audit"}, {"audit", "--json"}, {"status"},
		{"export", "receptions", filepath.Join(dir, "r.csv")}, {"export", "matters", filepath.Join(dir, "m.csv")}, {"export", "receptions", filepath.Join(dir, "r.xlsx")},
	} {
		r := f.run("", args...)
		if r.code != 0 {
			t.Errorf("%v: %+v", args, r)
		}
		for _, c := range r.out + r.errs {
			if c != '\n' && (unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Cf, c)) {
				t.Errorf("%v prints %U: %q", args, c, r.out)
				break
			}
		}
		if strings.Contains(r.out, "HYPERLINK") {
			shown++
		}
	}
	if shown < 6 {
		t.Errorf("the text was shown %d times: nothing was tried", shown)
	}
	for _, name := range []string{"r.csv", "m.csv"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Contains(b, []byte("'=HYPERLINK")) || bytes.ContainsAny(b, "\x1b\x07\u009b\u202e") {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}

	said, _ := serve(t, f, "--ssh", "127.0.0.1:0")
	g := newGuest(t, sshAddr.FindString(said))
	f.ok("user", "add", "张敏", "--role", "attendant", "--key", g.pub)
	_, out, _, keys := g.screen()
	for _, step := range []struct{ keys, sees string }{{"", "最近登记"}, {"\x1bOR", "1 条"}, {"\r", "历史"}} {
		if _, err := io.WriteString(keys, step.keys); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the page shows "+step.sees, func() bool { return strings.Contains(out.String(), step.sees) })
	}
	if !strings.Contains(out.String(), "HYPERLINK") {
		t.Error("the screen does not show the text")
	}
	for _, bad := range []string{"\x1b]52", "\x1b_G", "\x1bP+q544e", "\u009b", "\u009d", "\u202e", "\u2066"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the screen was sent %q", bad)
		}
	}
	r := g.run("", "show "+number+"; \x1b]52;c;x\x07")
	if strings.ContainsAny(r.errs, "\x1b\x07") {
		t.Errorf("over SSH: %q", r.errs)
	}
	b, err := os.ReadFile(filepath.Join(f.dir, logFile))
	if err != nil || bytes.ContainsAny(b, "\x1b\x07\u009b") || bytes.Contains(b, []byte("HYPERLINK")) {
		t.Errorf("the log: %q, %v", b, err)
	}
}
