package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"liaison/cmd/report"
)

// repeats is how often a test does its violent thing; the environment may ask
// for more.
func repeats(t *testing.T, variable string, usual int) int {
	t.Helper()
	s := os.Getenv(variable)
	if s == "" {
		return usual / slowness
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q", variable, s)
	}
	return n
}

// endless gives line after line for as long as somebody reads.
type endless struct {
	n    int
	rest []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		e.n++
		e.rest = []byte(line("王小明", strings.Repeat("第"+strconv.Itoa(e.n)+"件事,路灯不亮。", 1+e.n%40)) + "\n")
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// TestEveryPrintedNumberExistsAfterKill9 kills `kiosk add` at random moments,
// 200 of them or KIOSK_KILLS: what was printed is there afterwards, nothing is
// there twice, and the ledger is sound.
func TestEveryPrintedNumberExistsAfterKill9(t *testing.T) {
	t.Parallel()
	f := newStation(t)
	kills := repeats(t, "KIOSK_KILLS", 200)
	began := time.Now()
	if err := hold(t, f).Process.Kill(); err != nil {
		t.Fatal(err)
	}
	span := 2*time.Since(began) + 50*time.Millisecond // from before the first number to well after it
	var printed []string
	for range kills {
		moment := rand.N(span)
		ctx, cancel := context.WithTimeout(t.Context(), moment)
		c := f.command("add", "-")
		var out, errs bytes.Buffer
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		c.Stdout, c.Stderr = &out, &errs
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.Copy(in, &endless{}) }() // ends when the other end is killed
		<-ctx.Done()
		cancel()
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err == nil || errs.Len() > 0 {
			t.Fatalf("it ended by itself: %v, %s", err, errs.String())
		}
		whole := out.Bytes()[:bytes.LastIndexByte(out.Bytes(), '\n')+1]
		printed = append(printed, strings.Fields(string(whole))...)
	}
	there := map[string]bool{}
	for _, r := range objects[report.Reception](t, f.ok("list", "receptions", "--json")) {
		if there[r.Number] {
			t.Errorf("%s is there twice", r.Number)
		}
		there[r.Number] = true
		if len(r.Matters) != 1 || r.Voter.Name == "" || r.Session == nil {
			t.Errorf("%s is there by half: %+v", r.Number, r)
		}
	}
	for _, n := range printed {
		if !there[n] {
			t.Errorf("%s was printed and is gone", n)
		}
	}
	wants(t, f.ok("check"), "完好")
	t.Logf("%d kills, %d numbers printed, %d receptions there, %d of the printed lost", kills, len(printed), len(there), lost(printed, there))
	if len(printed) < kills {
		t.Errorf("only %d numbers in %d kills: nothing was tried", len(printed), kills)
	}
}

func lost(printed []string, there map[string]bool) (n int) {
	for _, p := range printed {
		if !there[p] {
			n++
		}
	}
	return n
}

// hold starts a process that keeps the file to itself until its input ends.
func hold(t *testing.T, f folder) *exec.Cmd {
	t.Helper()
	c := f.command("add", "-")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = c.Wait()
	})
	if _, err := io.WriteString(in, line("王", "占着文件")+"\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 64)); err != nil { // the number: now it has the file
		t.Fatal(err)
	}
	return c
}

func TestASecondCommandWaitsAndThenSaysWhoHoldsTheFile(t *testing.T) {
	f := newStation(t)
	other := hold(t, f)
	_, _, err := reach(t.Context(), f.dir, 0)
	if err == nil {
		t.Fatal("two processes have the file")
	}
	var errs bytes.Buffer
	if code := settle(&errs, nil, err); code != exitFailed {
		t.Errorf("code %d", code)
	}
	sentenceOnly(t, errs.String())
	wants(t, errs.String(), strconv.Itoa(other.Process.Pid))
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	f.ok("status") // waits until the kernel has let go
}

// TestCtrlCEndsAnAddThatWaitsForMore: nothing comes through the pipe any more,
// and the command must not need a second signal.
func TestCtrlCEndsAnAddThatWaitsForMore(t *testing.T) {
	f := newStation(t)
	c := f.command("add")
	var errs bytes.Buffer
	c.Stderr = &errs
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, line("王", "一")+"\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 64)); err != nil {
		t.Fatal(err)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	hung := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
	err = c.Wait()
	if !hung.Stop() {
		t.Fatal("it went on")
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitFailed {
		t.Errorf("ended with %v", err)
	}
	sentenceOnly(t, errs.String())
	wants(t, errs.String(), "Stopped")
}
