package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"liaison/cmd/clerk"
	"liaison/cmd/control"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
)

// path is where a file lies that the caller named.
func (inv *invocation) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(inv.dir, name)
}

// backups are the city's: beside the ledger, or where --backups says.
func (c *city) backups() upkeep.Backups {
	return upkeep.Backups{Ledger: c.led, Dir: cmp.Or(c.backupDir, upkeep.BackupFolder(c.dir)), Keep: c.backupKeep}
}

// copies is what the commands about backups work on.
func (inv *invocation) copies(c *city) upkeep.Desk {
	return upkeep.Desk{Backups: c.backups(), Data: c.dir, Owner: c.in.Name, Stdout: inv.stdout, Stderr: inv.stderr, Create: inv.create,
		Path: func(name string) (string, error) { return inv.path(name), nil }}
}

// runBackup copies the ledger while stations send: whole or not at all. The
// signing key is no part of it, so that a copy can lie where the key must not.
func runBackup(ctx context.Context, inv *invocation, c *city) error {
	switch {
	case inv.listOnly:
		return inv.copies(c).Show()
	case len(inv.args) == 0:
		return inv.copies(c).New(ctx)
	}
	if err := inv.create(inv.args[0], func(w io.Writer) error { return c.backups().Write(ctx, w) }); err != nil {
		return err
	}
	_, err := fmt.Fprintf(inv.stdout, "已备份到 %s。签名密钥 %s 不在其中,请另行妥善保管 / copied; the signing key is not in it: keep that safe elsewhere\n",
		inv.args[0], filepath.Join(c.dir, keyFile))
	return err
}

// create writes a file that the caller named, whole or not at all.
func (inv *invocation) create(name string, write func(io.Writer) error) error {
	to := inv.path(name)
	f, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*")
	if err != nil {
		return cannotUse(to, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // after the rename there is nothing to remove
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
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
	return nil
}

// runRehearse tries a backup without touching anything.
func runRehearse(ctx context.Context, inv *invocation, c *city) error {
	id, err := inv.identity()
	if err != nil {
		return err
	}
	path := ""
	if len(inv.args) == 1 {
		path = inv.path(inv.args[0])
	}
	return inv.copies(c).Try(ctx, path, id)
}

// runRecovery sees to who can open the backups when the machine is gone.
func runRecovery(_ context.Context, inv *invocation, c *city) error {
	return inv.copies(c).Recovery(inv.args)
}

// identity reads the recovery key named with --recovery; nil where none was.
func (inv *invocation) identity() (*seal.Identity, error) {
	if inv.recovery == "" {
		return nil, nil
	}
	path := inv.path(inv.recovery)
	f, err := os.Open(path)
	if err != nil {
		return nil, cannotUse(path, err)
	}
	defer f.Close()
	return upkeep.ReadIdentity(f, inv.recovery)
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
	id, err := inv.identity()
	if err != nil {
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
	agreed, err := inv.consents()
	if err != nil {
		return err
	}
	to, o := filepath.Join(inv.data, ledgerFile), upkeep.Options(inv.data, bolt.Options{Indexes: station.Indexes(), Timeout: heldFor})
	r, err := bolt.Restore(ctx, from, to, bolt.RestoreOptions{Replace: true, Options: o, Identity: id})
	switch {
	case err == nil:
	case errors.Is(err, ledger.ErrBusy):
		return cannotUse(inv.data, err)
	default:
		return upkeep.NotSound(inv.args[0], err)
	}
	c, err := open(inv.data, slog.New(slog.DiscardHandler), func(error) {}) // which also begins the second copy
	if err != nil {
		return cannotUse(to, err)
	}
	var keys bytes.Buffer
	err = errors.Join(c.tellKeys(&keys), c.audit(inv.who, station.ActRestore, ledgerFile, agreed), c.close())
	if err != nil {
		return cannotUse(to, err)
	}
	_, err = fmt.Fprintf(inv.stdout, "已恢复 %[1]d 条记录;各站下次同步时会补齐其余的 / restored %[1]d entries; the stations send the rest at their next sync\n", r.Tally.Entries)
	if err == nil && r.Aside != "" {
		_, err = fmt.Fprintf(inv.stdout, "原文件留存为 %s / the old file was set aside there\n", r.Aside)
	}
	if err == nil {
		_, err = keys.WriteTo(inv.stdout)
	}
	return err
}

// consents asks for the second person of a restore over data. Where the data
// that is there cannot be read nobody can be asked: then --alone must be said.
// What can be read is asked, too, which keys count: see carryKeys.
func (inv *invocation) consents() (note string, err error) {
	if !upkeep.Exists(filepath.Join(inv.data, ledgerFile)) {
		return "nothing was there", nil
	}
	c, err := open(inv.data, slog.New(slog.DiscardHandler), func(error) {})
	if err != nil {
		if inv.alone || !errors.Is(err, bolt.ErrDamaged) && !errors.Is(err, bolt.ErrLocked) {
			return "alone: the data could not be read", nil // what stands in the way, the restore says
		}
		return "", refuse(err, "现有的数据读不出来,无法核对第二个人。确认要用备份替换它,请加 --alone(原文件会留存,并记入审计)", "the data that is there cannot be read, so nobody can be asked for consent; to replace it all the same add --alone (it is set aside, and the audit log says so)")
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if note, err = clerk.Consent(c.desk, inv.who, clerk.Restores, inv.second, inv.stdin); err != nil {
		return "", err
	}
	return note, c.keepKeys()
}
