package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"liaison/cmd/upkeep"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/sync/wire"
)

const (
	wordExamine = "examine" // the child's command
	maxFaults   = 200       // faults that are named; the rest is counted
)

// runCheck walks chains, bodies, pointers, indexes and pages of a hot copy, the
// second copy, and the city's own receipts, names every fault, and mends what
// it finds in one copy from the other.
func runCheck(ctx context.Context, inv *invocation, c *city) error {
	n := 0
	fault := func(f ledger.Fault) {
		if n++; n <= maxFaults {
			fmt.Fprintf(inv.stderr, "✗ %s\n", clipTo(f.String(), 300))
		}
	}
	out, err := c.tend(ctx, fault)
	if t, ok := out.Refusal(); ok {
		fmt.Fprintf(inv.stderr, "! %s / %s\n", t.ZH, t.EN)
	}
	switch {
	case errors.Is(err, upkeep.ErrRebuild):
		return refuse(err, "检查出 %d 处问题,两份数据都有损坏;下次打开时(city serve 会自动重启)把两份合起来修复", "%d faults were found, in both copies of the data; they are put together when the data is opened again, which city serve does by itself", n)
	case errors.Is(err, bolt.ErrDamaged):
		return refuse(err, "检查出 %d 处问题,没能全部修好。请另存数据文件,再用最近的好备份恢复(city restore 文件)", "%d faults were found and not all could be mended; keep a copy of the data files, then go back to the latest good one with city restore FILE", n)
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return cannotUse(c.dir, err)
	}
	before := n
	if err := c.checkReceipts(fault); err != nil {
		return err
	}
	switch {
	case n > before:
		return refuse(nil, "%d 张回执与数据不符,没有改动任何数据。请另存数据文件,再用最近的好备份恢复(city restore 文件)", "%d receipts do not say what is held, and nothing was changed; keep a copy of the data file, then go back to the latest good one with city restore FILE", n-before)
	case out.Mended:
		_, err = fmt.Fprintf(inv.stdout, "检查出 %d 处问题,已用另一份数据修好,没有丢失记录;%d 条记录全部核对无误 / %[1]d faults were found and mended from the other copy, no record is lost: %[3]s\n", out.Faults, out.Tally.Entries, out.Tally)
		return err
	}
	_, err = fmt.Fprintf(inv.stdout, "完好。%d 条记录全部核对无误 / all well: %s\n", out.Tally.Entries, out.Tally)
	return err
}

// tend checks both copies and mends what it finds. Where that cannot be done
// while the ledger is open, whoever serves is told, too.
func (c *city) tend(ctx context.Context, fault func(ledger.Fault)) (upkeep.Outcome, error) {
	out, err := upkeep.Care{Ledger: c.led, Dir: c.dir, Log: c.log, Child: examiner, Fault: fault}.Tend(ctx)
	if errors.Is(err, upkeep.ErrRebuild) {
		err = errors.Join(err, upkeep.WantRebuild(c.led.Path()))
		c.unsure(err)
	}
	return out, err
}

// examiner makes the child process of a check.
func examiner(path, key string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	child := exec.Command(self, wordExamine, path, key)
	child.Env = append(os.Environ(), childMark+"=1")
	return child, nil
}

// childMark tells the child of a check apart, in tests too.
const childMark = "LIAISON_CITY_EXAMINE"

// runExamine is that child.
func runExamine(ctx context.Context, inv *invocation) error {
	return upkeep.Examine(ctx, inv.args[0], inv.args[1], inv.stdout)
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
