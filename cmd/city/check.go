package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"liaison/cmd/report"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
	"liaison/sync/wire"
)

const (
	wordExamine = "examine" // the child's command
	maxFaults   = 200       // faults that are named; the rest is counted
)

// A finding is one line that the child prints: a fault, or the tally at the
// end. An end without a tally is a fault too.
type finding struct {
	Where string        `json:"where,omitempty"`
	What  string        `json:"what,omitempty"`
	Tally *ledger.Tally `json:"tally,omitempty"`
}

// runCheck walks chains, bodies, pointers, indexes and pages of a hot copy,
// and the city's own receipts, and names every fault. The walk is a child
// process with limits on time and memory: on a damaged file bbolt may walk for
// ever, take all memory, or die.
func runCheck(ctx context.Context, inv *invocation, c *city) error {
	path, remove, err := c.hotCopy(ctx)
	if err != nil {
		return err
	}
	defer remove()
	tally, faults, err := inv.examine(ctx, path, upkeep.KeyPath(c.dir))
	if err != nil {
		return err
	}
	fault := func(f ledger.Fault) {
		if faults++; faults <= maxFaults {
			fmt.Fprintf(inv.stderr, "✗ %s\n", clipTo(f.String(), 300))
		}
	}
	if err := c.checkReceipts(fault); err != nil {
		return err
	}
	if tally == nil && faults == 0 {
		fault(ledger.Fault{Where: ledgerFile, What: "检查没有走到头 / the check found no end"})
	}
	if faults > 0 {
		return refuse(nil, "检查出 %[1]d 处问题,没有改动任何数据。请另存数据文件,再用最近的好备份恢复(city restore 文件)", "%[1]d faults were found and nothing was changed; keep a copy of the data file, then go back to the latest good one with city restore FILE", faults)
	}
	_, err = fmt.Fprintf(inv.stdout, "完好。%d 条记录全部核对无误 / all well: %s\n", tally.Entries, *tally)
	return err
}

// checkReceipts verifies that the newest receipt of every stream is the
// city's, and says what the city holds.
func (c *city) checkReceipts(report func(ledger.Fault)) error {
	heads, err := c.led.Heads()
	if err != nil {
		return err
	}
	for _, h := range heads {
		if h.Confirmed == 0 {
			continue
		}
		r, err := wire.OpenReceipt(h.Receipt, c.key.Public().(ed25519.PublicKey))
		e, missing := c.led.Entry(ledger.Ref{Stream: h.Stream, Seq: h.Confirmed})
		if err := errors.Join(err, missing); err != nil || r.Stream != h.Stream || r.Through != h.Confirmed || r.Head != e.Hash() {
			report(ledger.Fault{Where: fmt.Sprintf("receipt/%s/%d", h.Stream, h.Confirmed), What: "the receipt does not say what is held"})
		}
	}
	return nil
}

// hotCopy copies the ledger into a folder of its own while stations send.
func (c *city) hotCopy(ctx context.Context) (path string, remove func(), err error) {
	dir, err := os.MkdirTemp(c.dir, "check-")
	if err != nil {
		return "", nil, cannotUse(c.dir, err)
	}
	remove = func() { _ = os.RemoveAll(dir) }
	path = filepath.Join(dir, ledgerFile)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err == nil {
		err = errors.Join(c.led.Copy(ctx, f), f.Close())
	}
	if err != nil {
		remove()
		return "", nil, cannotUse(c.dir, err)
	}
	return path, remove, nil
}

// examine has a child process look at a file, which the key in another file
// opens, and prints what it finds. A nil tally is the child's death.
func (inv *invocation) examine(ctx context.Context, path, key string) (*ledger.Tally, int, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, fmt.Errorf("find this program: %w", err)
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, 0, cannotUse(path, err)
	}
	limited, cancel := context.WithTimeout(ctx, 2*time.Minute+time.Duration(st.Size()>>28)*time.Minute)
	defer cancel()
	child := exec.CommandContext(limited, self, wordExamine, path, key)
	child.Env = append(os.Environ(), childMark+"=1")
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		return nil, 0, fmt.Errorf("start the check: %w", err)
	}
	tally, faults := inv.findings(out)
	if err := child.Wait(); err != nil && ctx.Err() != nil {
		return nil, 0, ctx.Err()
	}
	return tally, faults, nil
}

// childMark tells the child of a check apart, in tests too.
const childMark = "LIAISON_CITY_EXAMINE"

// findings prints faults as they come, and returns the tally if there was one.
func (inv *invocation) findings(out io.Reader) (tally *ledger.Tally, faults int) {
	for s := bufio.NewScanner(out); s.Scan(); {
		var f finding
		if json.Unmarshal(s.Bytes(), &f) != nil {
			continue // the child dying in the middle of a line
		}
		if f.Tally != nil {
			tally = f.Tally
			continue
		}
		if faults++; faults <= maxFaults {
			fmt.Fprintf(inv.stderr, "✗ %s\n", clipTo(ledger.Fault{Where: f.Where, What: f.What}.String(), 300))
		}
	}
	return tally, faults
}

// runExamine is that child: it walks a file that nobody writes to, opened with
// the key in another file, and prints a finding a line.
func runExamine(ctx context.Context, inv *invocation) error {
	st, err := os.Stat(inv.args[0])
	if err != nil {
		return cannotUse(inv.args[0], err)
	}
	room := uint64(4<<30 + 2*st.Size()) // bytes of address space; the map alone may be 1 GiB
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: room, Max: room}); err != nil {
		return fmt.Errorf("limit memory: %w", err)
	}
	out := report.NewLines(inv.stdout)
	n := 0
	tally, err := bolt.Examine(ctx, inv.args[0], bolt.Options{Indexes: station.Indexes(), Key: seal.KeyFile(inv.args[1])}, func(f ledger.Fault) {
		if n++; n <= 100*maxFaults {
			_ = errors.Join(out.Put(finding{Where: f.Where, What: f.What}), out.Flush()) // nobody reads: the parent is gone, and so will we be
		}
	})
	switch {
	case errors.Is(err, bolt.ErrDamaged):
		err = out.Put(finding{Where: ledgerFile, What: err.Error()})
	case err == nil:
		err = out.Put(finding{Tally: &tally})
	}
	return errors.Join(err, out.Flush())
}
