package upkeep

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
)

// maxFaults is how many faults a child tells; a file may have millions.
const maxFaults = 20_000

// A finding is one line that the child prints: a fault, or the tally at the
// end. An end without a tally is a fault too.
type finding struct {
	Where string        `json:"where,omitempty"`
	What  string        `json:"what,omitempty"`
	Tally *ledger.Tally `json:"tally,omitempty"`
}

// Examine is the work of the child: it walks the ledger file at path, which
// nobody writes to, opened with the key in another file, and writes a finding
// a line. It takes no more memory than it is allowed.
func Examine(ctx context.Context, path, key string, out io.Writer) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	room := uint64(4<<30 + 2*st.Size()) // bytes of address space; the map alone may be 1 GiB
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: room, Max: room}); err != nil {
		return fmt.Errorf("limit memory: %w", err)
	}
	lines := report.NewLines(out)
	n := 0
	tally, err := bolt.Examine(ctx, path, bolt.Options{Indexes: station.Indexes(), Key: childKey(key)}, func(f ledger.Fault) {
		if n++; n <= maxFaults {
			_ = errors.Join(lines.Put(finding{Where: f.Where, What: f.What}), lines.Flush()) // nobody reads: the parent is gone, and so will we be
		}
	})
	switch {
	case errors.Is(err, bolt.ErrDamaged):
		err = lines.Put(finding{Where: "ledger.db", What: err.Error()})
	case err == nil:
		err = lines.Put(finding{Tally: &tally})
	}
	return errors.Join(err, lines.Flush())
}

// Examined starts the child, which is Examine on a file, and tells each fault.
// On a damaged file bbolt may walk for ever, take all memory, or die: the
// child's end without a tally is a fault, too. The error is ctx's, or that
// the child could not be started.
func Examined(ctx context.Context, child *exec.Cmd, size int64, fault func(ledger.Fault)) (ledger.Tally, error) {
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		return ledger.Tally{}, fmt.Errorf("start the check: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, examineTime(size))
	defer cancel()
	stop := context.AfterFunc(limited, func() { _ = child.Process.Kill() })
	tally, faults := findings(out, fault)
	err = child.Wait()
	stop()
	switch {
	case tally != nil:
		return *tally, nil
	case ctx.Err() != nil:
		return ledger.Tally{}, ctx.Err()
	case limited.Err() != nil:
		fault(ledger.Fault{Where: "ledger.db", What: "检查走不到头 / the check found no end"})
	case faults == 0:
		fault(ledger.Fault{Where: "ledger.db", What: fmt.Sprintf("检查中途出错 / the check broke off (%v)", err)})
	}
	return ledger.Tally{}, nil
}

// findings tells faults as they come, and returns the tally if there was one.
func findings(out io.Reader, fault func(ledger.Fault)) (tally *ledger.Tally, faults int) {
	s := bufio.NewScanner(out)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var f finding
		if json.Unmarshal(s.Bytes(), &f) != nil {
			continue // the child dying in the middle of a line
		}
		if f.Tally != nil {
			tally = f.Tally
			continue
		}
		faults++
		fault(ledger.Fault{Where: f.Where, What: f.What})
	}
	_, _ = io.Copy(io.Discard, out) // a line too long for a finding
	return tally, faults
}

// examineTime is how long a check may take: what a slow disk needs, and more.
func examineTime(size int64) time.Duration {
	return 2*time.Minute + time.Duration(size>>28)*time.Minute
}

// childKey is what opens the copy that a child looks at: the parent's
// passphrase, where it has one, or its key file.
func childKey(path string) seal.Source {
	if p := passphraseSource(); p != nil {
		return p
	}
	return seal.KeyFile(path)
}
