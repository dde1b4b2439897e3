package bolt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"liaison/station/ledger"
)

// The test binary plays the child processes itself: with this in its
// environment it does one job and does not run tests.
const childEnv = "LEDGER_TEST_CHILD"

func TestMain(m *testing.M) {
	job := os.Getenv(childEnv)
	if job == "" {
		os.Exit(m.Run())
	}
	jobs := map[string]func(path string) error{"write": childWrite, "read": childRead, "read alone": childReadAlone, "rebuild": childRebuild, "mend": childMend}
	if err := jobs[job](os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child starts the test binary for a job on a file.
func child(ctx context.Context, t *testing.T, job, path string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, exe, path)
	cmd.Env = append(os.Environ(), childEnv+"="+job, "GOMEMLIMIT=256MiB", "GOTRACEBACK=none",
		"GORACE=atexit_sleep_ms=0") // the race detector waits a second at every exit
	return cmd
}

// childWrite commits receptions for ever and prints each number as soon as
// the commit has returned.
func childWrite(path string) error {
	l, err := Open(path, testOptions())
	if err != nil {
		return err
	}
	head, err := l.Head(l.Own())
	if err != nil {
		return err
	}
	for i := int(head.Seq); ; i++ {
		c := visit(i, fmt.Sprintf("wort%d %0200d", i, i))
		c.Drafts = []ledger.Draft{{Who: "zhang", Form: "visit", At: time.Now(), Body: fmt.Append(nil, i)}}
		if i%7 == 6 {
			c.Receipts = []ledger.Receipt{{Stream: l.Own(), Through: ledger.Seq(i), Raw: fmt.Append(nil, "r", i)}}
		}
		es, err := l.Commit(context.Background(), c)
		if err != nil {
			return err
		}
		fmt.Println(es[0].Seq)
	}
}

// A verdict is what a child found out about a file.
type verdict struct {
	Open    string            // the error of Open
	Read    string            // the first error met while reading everything
	Faults  []string          // what a check found
	Events  []EventKind       // what was reported
	Digests map[string]string // of everything read, by part
}

// childRead opens a file, reads all of it through the ledger, checks it, and
// prints a verdict.
func childRead(path string) error { return readAll(path, testOptions()) }

// childReadAlone is childRead without a second copy.
func childReadAlone(path string) error {
	o := testOptions()
	o.noLog = true
	return readAll(path, o)
}

// childRebuild makes the database anew, as a program does when a deep check
// found damage, and reads it.
func childRebuild(path string) error {
	var v verdict
	o := testOptions()
	o.Report = func(e Event) { v.Events = append(v.Events, e.What) }
	if err := Rebuild(path, o); err != nil {
		return json.NewEncoder(os.Stdout).Encode(verdict{Open: err.Error()})
	}
	return v.readAll(path, testOptions())
}

// childMend makes the second copy anew, as a program does when a check found
// damage there.
func childMend(path string) error {
	l, err := Open(path, testOptions())
	if err == nil {
		err = errors.Join(l.Mend(context.Background()), l.Close())
	}
	if err != nil {
		return json.NewEncoder(os.Stdout).Encode(verdict{Open: err.Error()})
	}
	return childRead(path)
}

func readAll(path string, o Options) error { return new(verdict).readAll(path, o) }

func (v *verdict) readAll(path string, o Options) error {
	o.Report = func(e Event) { v.Events = append(v.Events, e.What) }
	l, err := Open(path, o)
	if err != nil {
		v.Open = err.Error()
		return json.NewEncoder(os.Stdout).Encode(v)
	}
	v.Digests, err = digests(l)
	if err != nil {
		v.Read = err.Error()
	}
	if _, err := l.Check(context.Background(), func(f ledger.Fault) { v.Faults = append(v.Faults, f.String()) }); err != nil {
		v.Faults = append(v.Faults, err.Error())
	}
	if err := l.Close(); err != nil {
		v.Faults = append(v.Faults, err.Error())
	}
	return json.NewEncoder(os.Stdout).Encode(v)
}

// digests reads everything a ledger holds through its methods.
func digests(l *Ledger) (map[string]string, error) {
	out := map[string]string{}
	add := func(part string, v any) error {
		b, err := json.Marshal(v)
		sum := sha256.Sum256(b)
		out[part] = hex.EncodeToString(sum[:8])
		return err
	}
	heads, err := l.Heads()
	if err != nil {
		return out, err
	}
	if err := add("heads", heads); err != nil {
		return out, err
	}
	for _, h := range heads {
		es, err := l.Since(h.Stream, 0, 1<<20)
		if err != nil {
			return out, err
		}
		if err := add("journal "+string(h.Stream), es); err != nil {
			return out, err
		}
	}
	var records []ledger.Record
	err = l.Each("visit", func(e ledger.Entry) error {
		r, err := l.Record(e.Kind, e.ID)
		records = append(records, r)
		return err
	})
	if err != nil {
		return out, err
	}
	hits, err := l.Find(ledger.Find{Index: "word"})
	if err != nil {
		return out, err
	}
	drafts, err := l.Drafts("")
	if err != nil {
		return out, err
	}
	locals, err := l.Locals("")
	if err != nil {
		return out, err
	}
	for part, v := range map[string]any{"records": records, "index": hits, "drafts": drafts, "locals": locals, "own": l.Own()} {
		if err := add(part, v); err != nil {
			return out, err
		}
	}
	return out, nil
}
