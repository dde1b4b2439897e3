package lossy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// program is the built kiosk.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "lossy")
	if err == nil {
		program = filepath.Join(dir, "kiosk")
		build := exec.Command("go", "build", "-o", program, "./cmd/kiosk")
		build.Dir = filepath.Join("..", "..")
		build.Stderr = os.Stderr
		err = build.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build kiosk:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// times is how often a test is tried: n, or what the environment says.
func times(t *testing.T, env string, n int) int {
	t.Helper()
	if s := os.Getenv(env); s != "" {
		v, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s: %v", env, err)
		}
		return v
	}
	return n
}

// A machine is a disk and the folder it is mounted on.
type machine struct {
	t       *testing.T
	d       *Disk
	dir     string
	unmount func() error
}

// newMachine is one with a station on it; nil where none can be mounted.
func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, d: NewDisk(), dir: t.TempDir()}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		t.Logf("NOT SHOWN: there is no /dev/fuse here (%v), so no power was cut and no disk failed under the real program", err)
		return nil
	}
	if err := m.on(); err != nil {
		t.Logf("NOT SHOWN: this account may not mount here (%v), so no power was cut and no disk failed under the real program", err)
		return nil
	}
	t.Cleanup(m.off)
	if out, code := m.run("", "init", "--station", "QA01", "--name", "曲阿街道代表联络站"); code != 0 {
		t.Fatal(out)
	}
	return m
}

func (m *machine) on() (err error) {
	m.unmount, err = m.d.Mount(m.dir)
	return err
}

func (m *machine) off() {
	if m.unmount == nil {
		return
	}
	if err := m.unmount(); err != nil {
		m.t.Error(err)
	}
	m.unmount = nil
}

// again is what there is when the power is back.
func (m *machine) again(r *rand.Rand) {
	m.t.Helper()
	m.off()
	m.d = m.d.After(r)
	if err := m.on(); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) command(args ...string) *exec.Cmd {
	return exec.Command(program, append(args, "--data", filepath.Join(m.dir, "data"))...)
}

// run runs a command to its end, or kills it when it hangs: code -1.
func (m *machine) run(in string, args ...string) (out string, code int) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	c := m.command(args...)
	var stdout, stderr bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in), &stdout, &stderr
	if err := c.Start(); err != nil {
		m.t.Fatal(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Process.Kill() })
	err := c.Wait()
	stop()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		said := strings.TrimSpace(stderr.String())
		last := said[strings.LastIndexByte(said, '\n')+1:]
		if ctx.Err() != nil || !strings.HasPrefix(last, "kiosk: ") || !strings.Contains(last, " / ") || strings.Contains(said, "goroutine ") {
			m.t.Errorf("kiosk %q ended with %v and no sentence:\n%s", args, err, said)
		}
		return stdout.String() + said, exit.ExitCode()
	}
	return stdout.String(), 0
}

// line is a reception as a JSON line.
func line(ref int) string {
	return fmt.Sprintf(`{"ref":"r%d","at":"2026-11-23T09:12:00+08:00","channel":"walkin","persons":1,`+
		`"session":{"time":"fixed","place":"station","topic":"open","theme":"","deputies":["D001"]},`+
		`"voter":{"name":"王小明","phone":"13800138000","village":"321181002001","anonymous":false},`+
		`"matters":[{"content":"第%d件,%s","kind":"suggestion","category":"12","disposition":"onspot","reply":"已答复"}]}`,
		ref, ref, strings.Repeat("路灯不亮。", 1+ref%40)) + "\n"
}

func lines(from, to int) string {
	var b strings.Builder
	for ref := from; ref < to; ref++ {
		b.WriteString(line(ref))
	}
	return b.String()
}

// there lists the numbers of all receptions, and how often each is there.
func (m *machine) there() (map[string]int, error) {
	m.t.Helper()
	out, code := m.run("", "list", "receptions", "--json")
	if code != 0 {
		return nil, fmt.Errorf("list: %s", out)
	}
	all := map[string]int{}
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		var r struct {
			Number  string
			Voter   *struct{ Name string }
			Matters []struct{ Content string }
		}
		err := d.Decode(&r)
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if all[r.Number]++; all[r.Number] > 1 || r.Voter == nil || r.Voter.Name == "" || len(r.Matters) != 1 {
			return nil, fmt.Errorf("%s is there twice, or by half", r.Number)
		}
	}
}
