package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestADirectoryThatCannotHoldAStationIsNamed(t *testing.T) {
	file := write(t, "file", "not a directory")
	for _, dir := range []string{file, filepath.Join(file, "below"), "/proc/nowhere/kiosk"} {
		f := folder{t, dir}
		wants(t, f.no("", "init", "--station", "QA01", "--name", "站"), dir)
		f.no("", "status")
		f.no("", "serve")
		f.no("", "restore", file)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "not a directory" {
		t.Errorf("the file that stood there: %q, %v", b, err)
	}
}

func TestAReadOnlyDataFileIsSaid(t *testing.T) {
	f := newStation(t)
	path := filepath.Join(f.dir, ledgerFile)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil { // root may write any file, but nobody a directory
		t.Fatal(err)
	}
	for _, args := range [][]string{{"status"}, {"add"}, {"serve"}, {"check"}} {
		wants(t, f.no(line("王", "x"), args...), ledgerFile)
	}
}

// TestADamagedFileGivesASentence cuts the file short and flips bits in it, in
// 60 ways or KIOSK_DAMAGES, each looked at by processes of their own: none
// crashes with a trace, none hangs, and none changes the file.
func TestADamagedFileGivesASentence(t *testing.T) {
	t.Parallel()
	f := newStation(t)
	var in strings.Builder
	for i := range 60 {
		in.WriteString(line("王小明", strings.Repeat(fmt.Sprint(i, "路灯不亮。"), 20)) + "\n")
	}
	f.okIn(in.String(), "add")
	path := filepath.Join(f.dir, ledgerFile)
	copied := filepath.Join(t.TempDir(), "sound.db")
	f.ok("backup", copied)
	sound, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for i := range repeats(t, "KIOSK_DAMAGES", 60) {
		b := bytes.Clone(sound)
		if i%4 == 0 {
			b = b[:1+rand.IntN(len(b)-1)]
		} else {
			for range 1 + i%8 {
				b[rand.IntN(len(b))] ^= 1 << rand.IntN(8)
			}
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"list", "receptions"}, {"check"}} {
			if f.survives(t, args...) {
				said++
			}
		}
	}
	t.Logf("%d sentences about damage", said)
	if said == 0 {
		t.Error("no damage was noticed")
	}
	f.ok("restore", copied)
	wants(t, f.ok("check"), "完好")
}

// survives runs a command in a process of its own and reports whether it
// refused, which must be in words.
func (f folder) survives(t *testing.T, args ...string) bool {
	t.Helper()
	c := f.command(args...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	hung := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
	err := c.Wait()
	if !hung.Stop() {
		t.Errorf("kiosk %q hung", args)
	}
	if err == nil {
		return false
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != exitFailed {
		t.Errorf("kiosk %q: %v\n%s", args, err, errs.String())
	}
	sentenceOnly(t, errs.String())
	return true
}

func TestAPortInUseIsSaid(t *testing.T) {
	f := newStation(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	wants(t, f.no("", "serve", "--ssh", l.Addr().String()), l.Addr().String(), "占用")
	wants(t, f.no("", "serve", "--ssh", "nonsense"), "2222")
	wants(t, newFolder(t).no("", "demo", "--ssh", l.Addr().String()), "占用")
	f.ok("status") // nothing is left held
}

func TestADemoLeavesARealStationAlone(t *testing.T) {
	f := newStation(t)
	wants(t, f.no("", "demo"), "已有联络站")
	f.ok("status")
}
