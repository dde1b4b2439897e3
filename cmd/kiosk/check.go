package main

import (
	"bufio"
	"context"
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
)

// maxFaults is how many faults a check names before it only counts.
const maxFaults = 200

// runCheck walks chains, bodies, pointers, indexes and pages of a hot copy and
// names every fault. The walk is a child process with limits on time and
// memory: on a damaged file bbolt may walk for ever, take all memory, or die.
func runCheck(ctx context.Context, inv *invocation) error {
	inv.flagSet()
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	path := filepath.Join(inv.data, ledgerFile)
	k := inv.kiosk
	if k == nil {
		own, living, err := reach(ctx, inv.data, heldFor)
		switch {
		case living != nil:
			return inv.forward(ctx, living, false)
		case errors.Is(err, bolt.ErrDamaged): // it cannot be copied by those who know it; look at it as it is
			return inv.examine(ctx, path, upkeep.KeyPath(inv.data))
		case err != nil:
			return err
		}
		defer own.close()
		own.tellNews(inv.stderr)
		k = own
	}
	copied, err := os.MkdirTemp(k.dir, checkPrefix)
	if err != nil {
		return cannotWrite(k.dir, err)
	}
	defer os.RemoveAll(copied)
	path = filepath.Join(copied, ledgerFile)
	if err := writeWhole(path, path, func(w io.Writer) error { return k.led.Copy(ctx, w) }); err != nil {
		return err
	}
	return inv.examine(ctx, path, upkeep.KeyPath(k.dir))
}

// checkPrefix begins the names of folders that a check copies to.
const checkPrefix = "check-"

// sweep removes what a check left that was killed. Whoever calls it holds the
// file, so no other check is under way.
func (k *kiosk) sweep() {
	old, err := filepath.Glob(filepath.Join(k.dir, checkPrefix+"*"))
	for _, dir := range old {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		k.log.Warn("remove what an earlier check left", "err", err)
	}
}

// A finding is one line that the child prints: a fault, or the tally at the
// end. An end without a tally is a fault too.
type finding struct {
	Where string        `json:"where,omitempty"`
	What  string        `json:"what,omitempty"`
	Tally *ledger.Tally `json:"tally,omitempty"`
}

// examine has a child process look at a file, which the key in another file
// opens, and prints what it finds.
func (inv *invocation) examine(ctx context.Context, path, key string) error {
	st, err := os.Stat(path)
	if err != nil {
		return cannotRead(path, err)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, examineTime(st.Size()))
	defer cancel()
	c := exec.CommandContext(ctx, self, wordExamine, path, key)
	c.Env = append(os.Environ(), childMark+"="+wordExamine)
	c.SysProcAttr = dieWithParent()
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return fmt.Errorf("start the check: %w", err)
	}
	tally, faults := inv.findings(out)
	err = c.Wait()
	if tally == nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return stopped(ctx)
		}
	}
	if tally == nil && faults == 0 {
		faults++
		why := "检查中途出错 / the check broke off"
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			why = "检查走不到头 / the check found no end"
		}
		fmt.Fprintf(inv.stderr, "✗ %s: %s\n", ledgerFile, why)
	}
	if faults > 0 {
		return refuse(err, "检查出 %[1]d 处问题,没有改动任何数据。请先另存一份数据文件,再用最近的好备份恢复(kiosk restore 文件)", "%[1]d faults were found and nothing was changed; keep a copy of the data file, then go back to the latest good one with kiosk restore FILE", faults)
	}
	_, err = fmt.Fprintf(inv.stdout, "完好。%d 条记录全部核对无误 / all well: %s\n", tally.Entries, *tally)
	return err
}

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

// examineTime is how long a check may take: what a slow disk needs, and more.
func examineTime(size int64) time.Duration {
	return 2*time.Minute + time.Duration(size>>28)*time.Minute
}

// wordExamine is the child's command.
const wordExamine = "examine"

// runExamine is that child: it walks a file that nobody writes to, opened with
// the key in another file, and prints a finding a line.
func runExamine(ctx context.Context, inv *invocation) error {
	inv.flagSet()
	args, err := inv.parse(2, 2)
	if err != nil {
		return err
	}
	st, err := os.Stat(args[0])
	if err != nil {
		return err
	}
	room := uint64(4<<30 + 2*st.Size()) // bytes of address space; the map alone may be 1 GiB
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: room, Max: room}); err != nil {
		return fmt.Errorf("limit memory: %w", err)
	}
	out := report.NewLines(inv.stdout)
	n := 0
	tally, err := bolt.Examine(ctx, args[0], bolt.Options{Indexes: station.Indexes(), Key: seal.KeyFile(args[1])}, func(f ledger.Fault) {
		if n++; n <= 100*maxFaults {
			_ = errors.Join(out.Put(finding{Where: f.Where, What: f.What}), out.Flush()) // nobody reads: the parent is gone, and so will we be
		}
	})
	if errors.Is(err, bolt.ErrDamaged) {
		n++
		if err := out.Put(finding{Where: ledgerFile, What: err.Error()}); err != nil {
			return err
		}
	} else if err != nil {
		return err
	} else if err := out.Put(finding{Tally: &tally}); err != nil {
		return err
	}
	return out.Flush()
}
