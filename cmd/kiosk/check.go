package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
)

// maxFaults is how many faults a check names before it only counts.
const maxFaults = 200

// runCheck walks chains, bodies, pointers, indexes and pages of a hot copy,
// and the second copy, names every fault, and mends what it finds: the
// database from the second copy or the other way round, and where both are
// damaged, from what can be read of the two.
func runCheck(ctx context.Context, inv *invocation) error {
	inv.flagSet()
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	if inv.kiosk != nil {
		return inv.check(ctx, inv.kiosk)
	}
	k, living, err := reach(ctx, inv.data, heldFor)
	if living != nil {
		return inv.forward(ctx, living, false)
	}
	if err != nil {
		return err
	}
	k.tellNews(inv.stderr)
	err = inv.check(ctx, k)
	if !errors.Is(err, upkeep.ErrRebuild) {
		return errors.Join(logged(k.log, err), k.close())
	}
	if err := k.close(); err != nil {
		return err
	}
	k, living, err = reach(ctx, inv.data, heldFor) // which puts the two together
	if living != nil {
		return inv.forward(ctx, living, false)
	}
	if err != nil {
		return err
	}
	k.tellNews(inv.stderr)
	return errors.Join(logged(k.log, inv.check(ctx, k)), k.close())
}

// check looks after the station and says what came of it.
func (inv *invocation) check(ctx context.Context, k *kiosk) error {
	n := 0
	out, err := k.tend(ctx, func(f ledger.Fault) {
		if n++; n <= maxFaults {
			fmt.Fprintf(inv.stderr, "✗ %s\n", clipTo(f.String(), 300))
		}
	})
	if t, ok := out.Refusal(); ok {
		fmt.Fprintf(inv.stderr, "! %s / %s\n", t.ZH, t.EN)
	}
	switch {
	case errors.Is(err, upkeep.ErrRebuild) && inv.kiosk != nil: // the process starts again, and puts them together
		return refuse(err, "检查出 %[1]d 处问题,两份数据都有损坏;程序即将自动重启,把两份合起来修复", "%[1]d faults were found, in both copies of the data; the program is about to start again and put the two together", out.Faults)
	case errors.Is(err, upkeep.ErrRebuild):
		return err
	case errors.Is(err, bolt.ErrDamaged):
		return refuse(err, "检查出 %[1]d 处问题,没能全部修好。请先另存一份数据文件,再用最近的好备份恢复(kiosk restore 文件)", "%[1]d faults were found and not all could be mended; keep a copy of the data files, then go back to the latest good one with kiosk restore FILE", out.Faults)
	case errors.Is(err, context.Canceled):
		return stopped(ctx)
	case err != nil:
		return cannotWrite(k.dir, err)
	case out.Mended:
		_, err = fmt.Fprintf(inv.stdout, "检查出 %d 处问题,已用另一份数据修好,没有丢失记录;%d 条记录全部核对无误。请技术人员检查硬盘 / %[1]d faults were found and mended from the other copy, no record is lost; have the disk checked: %[3]s\n", out.Faults, out.Tally.Entries, out.Tally)
		return err
	}
	_, err = fmt.Fprintf(inv.stdout, "完好。%d 条记录全部核对无误 / all well: %s\n", out.Tally.Entries, out.Tally)
	return err
}

// tend checks both copies and mends what it finds. Where that cannot be done
// while the station is open, the process is told, too.
func (k *kiosk) tend(ctx context.Context, fault func(ledger.Fault)) (upkeep.Outcome, error) {
	out, err := upkeep.Care{Ledger: k.led, Dir: k.dir, Log: k.log, Child: examiner, Fault: fault}.Tend(ctx)
	switch {
	case errors.Is(err, upkeep.ErrRebuild):
		if werr := upkeep.WantRebuild(k.led.Path()); werr != nil {
			return out, errors.Join(err, werr)
		}
		select {
		case k.unsure <- err:
		default: // told already
		}
		return out, err
	case err != nil:
		return out, err
	}
	k.auditMended(out)
	return out, k.stampChecked(ctx)
}

// auditMended leaves a line of what a check mended.
func (k *kiosk) auditMended(out upkeep.Outcome) {
	if !out.Mended {
		return
	}
	if err := k.desk.Audit(owner(), station.ActRestore, ledgerFile, true, "mended"); err != nil {
		k.log.Error("audit line not kept", "act", station.ActRestore, "err", err)
	}
}

// localChecked is the setting that says when the last check ended.
const localChecked = "upkeep/checked"

func (k *kiosk) stampChecked(ctx context.Context) error {
	at, err := time.Now().UTC().MarshalText()
	if err == nil {
		_, err = k.led.Commit(ctx, ledger.Change{Local: []ledger.Local{{Name: localChecked, Value: at}}})
	}
	return err
}

// lastCheck is when the last check ended; long ago where there was none.
func (k *kiosk) lastCheck() (at time.Time) {
	if text, err := k.led.Local(localChecked); err != nil || at.UnmarshalText(text) != nil {
		return time.Time{}
	}
	return at
}

// nightlyCheck is what the station does by itself: what it finds stands in the
// log, and what was done is on the screens.
func (k *kiosk) nightlyCheck(ctx context.Context) error {
	_, err := k.tend(ctx, nil)
	return err
}

// examiner makes the child process of a check.
func examiner(path, key string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	c := exec.Command(self, wordExamine, path, key)
	c.Env = append(os.Environ(), childMark+"="+wordExamine)
	c.SysProcAttr = upkeep.DieWithParent()
	return c, nil
}

// wordExamine is the child's command.
const wordExamine = "examine"

// runExamine is that child.
func runExamine(ctx context.Context, inv *invocation) error {
	inv.flagSet()
	args, err := inv.parse(2, 2)
	if err != nil {
		return err
	}
	return upkeep.Examine(ctx, args[0], args[1], inv.stdout)
}
