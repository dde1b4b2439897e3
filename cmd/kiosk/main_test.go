package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asKiosk names the variable that makes this test binary the program itself,
// so that tests of killing and locking use real processes.
const asKiosk = "KIOSK_TEST_MAIN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asNight); dir != "" && os.Getenv(childMark) == "" {
		fmt.Fprintln(os.Stderr, serveAtNight(dir))
		os.Exit(1)
	}
	if os.Getenv(asKiosk) != "" || os.Getenv(childMark) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// patience is how long a test waits before it calls something hung. It is
// never a verdict on speed.
const patience = 30 * time.Second

// a result is what a person at the shell sees.
type result struct {
	out, errs string
	code      int
}

// A folder is a data directory with a shell before it.
type folder struct {
	t   *testing.T
	dir string
}

// newFolder is an empty data directory.
func newFolder(t *testing.T) folder { return folder{t, filepath.Join(t.TempDir(), "data")} }

// newStation is a data directory with a station in it.
func newStation(t *testing.T) folder {
	t.Helper()
	f := newFolder(t)
	f.ok("init", "--station", "QA01", "--name", "曲阿街道代表联络站")
	return f
}

// run carries out a command line in this process.
func (f folder) run(stdin string, args ...string) result {
	f.t.Helper()
	return f.runWith(f.t.Context(), strings.NewReader(stdin), args...)
}

func (f folder) runWith(ctx context.Context, stdin io.Reader, args ...string) result {
	var out, errs bytes.Buffer
	err := run(ctx, append(args, "--data", f.dir), os.Environ(), stdin, &out, &errs)
	code := settle(&errs, nil, err)
	return result{out.String(), errs.String(), code}
}

// ok runs a command that must be done, and returns what it printed.
func (f folder) ok(args ...string) string {
	f.t.Helper()
	return f.okIn("", args...)
}

func (f folder) okIn(stdin string, args ...string) string {
	f.t.Helper()
	r := f.run(stdin, args...)
	if r.code != 0 {
		f.t.Fatalf("kiosk %q: code %d\n%s%s", args, r.code, r.out, r.errs)
	}
	return r.out
}

// no runs a command that must be refused in one sentence of both languages,
// and returns that sentence.
func (f folder) no(stdin string, args ...string) string {
	f.t.Helper()
	r := f.run(stdin, args...)
	if r.code == 0 {
		f.t.Fatalf("kiosk %q was done:\n%s", args, r.out)
	}
	sentenceOnly(f.t, r.errs)
	return r.errs
}

// sentenceOnly fails the test where stderr holds anything that was not made
// for a person.
func sentenceOnly(t *testing.T, errs string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(errs), "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "kiosk: ") || !strings.Contains(last, " / ") {
		t.Errorf("no sentence in both languages: %q", errs)
	}
	errs = last // what a check found is named above, in the words of whoever found it
	for _, raw := range []string{"goroutine ", "panic", "errno", "syscall", "bbolt", "json:", "strconv", "<nil>", "%!", "open /"} {
		if strings.Contains(errs, raw) {
			t.Errorf("%q is not for people: %q", raw, errs)
		}
	}
	if strings.ContainsRune(errs, 0x1b) {
		t.Errorf("an escape reached the terminal: %q", errs)
	}
}

// command is the program as a process of its own.
func (f folder) command(args ...string) *exec.Cmd {
	f.t.Helper()
	self, err := os.Executable()
	if err != nil {
		f.t.Fatal(err)
	}
	c := exec.Command(self, append(args, "--data", f.dir)...)
	c.Env = append(os.Environ(), asKiosk+"=1", "GOCOVERDIR="+f.t.TempDir())
	return c
}

// objects reads JSON lines.
func objects[T any](t *testing.T, lines string) []T {
	t.Helper()
	var out []T
	for d := json.NewDecoder(strings.NewReader(lines)); ; {
		var v T
		err := d.Decode(&v)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatalf("%v in %q", err, lines)
		}
		out = append(out, v)
	}
}

// line is a reception as a JSON line.
func line(name, content string) string {
	return fmt.Sprintf(`{"at":"2026-11-23T09:12:00+08:00","channel":"walkin","persons":1,`+
		`"session":{"time":"fixed","place":"station","topic":"open","theme":"","deputies":["D001"]},`+
		`"voter":{"name":%q,"phone":"13800138000","village":"321181002001","anonymous":false},`+
		`"matters":[{"content":%q,"kind":"suggestion","category":"12","disposition":"onspot","reply":"已答复"}]}`, name, content)
}

func wants(t *testing.T, got string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(got, w) {
			t.Errorf("%q is missing in:\n%s", w, got)
		}
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
