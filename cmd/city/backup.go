package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"liaison/cmd/control"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
)

// path is where a file lies that the caller named.
func (inv *invocation) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(inv.dir, name)
}

// runBackup copies the ledger while stations send: whole or not at all. The
// signing key is no part of it, so that a copy can lie where the key must not.
func runBackup(ctx context.Context, inv *invocation, c *city) error {
	to := inv.path(inv.args[0])
	f, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*")
	if err != nil {
		return cannotUse(to, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // after the rename there is nothing to remove
	if err := errors.Join(c.led.Backup(ctx, f), f.Sync(), f.Close()); err != nil {
		return cannotUse(to, err)
	}
	if err := os.Rename(f.Name(), to); err != nil {
		return cannotUse(to, err)
	}
	d, err := os.Open(filepath.Dir(to))
	if err != nil {
		return cannotUse(to, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return cannotUse(to, err)
	}
	_, err = fmt.Fprintf(inv.stdout, "已备份到 %s。签名密钥 %s 不在其中,请另行妥善保管 / copied; the signing key is not in it: keep that safe elsewhere\n",
		inv.args[0], filepath.Join(c.dir, keyFile))
	return err
}

// runRestore puts a copy in the place of the ledger and sets the old file
// aside. A new epoch begins: the stations see it, send what is missing, and
// hand back what the city itself had written since.
func runRestore(ctx context.Context, inv *invocation) error {
	l, err := control.Dial(filepath.Join(inv.data, socketFile))
	if err == nil {
		defer func() { _ = l.Close() }()
		return refuse(nil, "程序正在运行(进程 %[1]d),请先停止它再恢复", "the program is running (process %[1]d); stop it before you restore", l.PID())
	}
	if !errors.Is(err, control.ErrNobody) {
		return err
	}
	from := inv.path(inv.args[0])
	if f, err := os.Open(from); err != nil {
		return cannotUse(from, err)
	} else if err := f.Close(); err != nil {
		return cannotUse(from, err)
	}
	if _, err := os.Stat(filepath.Join(inv.data, keyFile)); err != nil {
		return refuse(err, "请先把签名密钥 %s 放回原处,各站只认它", "put the signing key %s back in its place first; the stations believe no other", filepath.Join(inv.data, keyFile))
	}
	to, o := filepath.Join(inv.data, ledgerFile), upkeep.Options(inv.data, bolt.Options{Indexes: station.Indexes(), Timeout: heldFor})
	r, err := bolt.Restore(ctx, from, to, bolt.RestoreOptions{Replace: true, Options: o})
	switch {
	case err == nil:
	case errors.Is(err, ledger.ErrBusy), errors.Is(err, fs.ErrPermission):
		return cannotUse(inv.data, err)
	case errors.Is(err, bolt.ErrSealed):
		return cannotUse(clip(inv.args[0]), err)
	case errors.Is(err, bolt.ErrLocked):
		return refuse(err, "“%[1]s”要用另一把钥匙打开,没有改动任何数据。请把做备份时的钥匙文件放到 %[2]s 再试", "%[1]s opens with another key; nothing was changed. Put the key file of the time of the backup at %[2]s and try again", clip(inv.args[0]), upkeep.KeyPath(inv.data))
	case errors.Is(err, bolt.ErrDamaged), errors.Is(err, ledger.ErrBroken):
		return refuse(err, "“%s”不是完好的备份,没有改动任何数据", "%s is not a sound copy; nothing was changed", clip(inv.args[0]))
	default:
		return refuse(err, "恢复没有完成,原来的数据没有改动", "the restore was not completed; what was there is unchanged")
	}
	if err := upkeep.Settle(to, o); err != nil {
		return cannotUse(to, err)
	}
	_, err = fmt.Fprintf(inv.stdout, "已恢复 %[1]d 条记录;各站下次同步时会补齐其余的 / restored %[1]d entries; the stations send the rest at their next sync\n", r.Tally.Entries)
	if err == nil && r.Aside != "" {
		_, err = fmt.Fprintf(inv.stdout, "原文件留存为 %s / the old file was set aside there\n", r.Aside)
	}
	return err
}
