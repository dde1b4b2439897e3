package main

import (
	"context"
	"errors"

	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger/seal"
)

// backups are the station's, by its settings.
func (k *kiosk) backups() upkeep.Backups {
	s := k.desk.Settings()
	dir := s.BackupDir
	if dir == "" {
		dir = upkeep.BackupFolder(k.dir)
	}
	return upkeep.Backups{Ledger: k.led, Dir: dir, Keep: s.Backups}
}

// nightlyBackup is what the station does by itself, with a line in the audit
// log.
func (k *kiosk) nightlyBackup(ctx context.Context) error {
	err := k.backups().Nightly(ctx)
	note := ""
	if err != nil {
		note = station.Say(err).Code
	}
	return errors.Join(err, k.desk.Audit(owner(), station.ActBackup, "nightly", err == nil, note))
}

// copies is what the commands about backups work on.
func (inv *invocation) copies() upkeep.Desk {
	return upkeep.Desk{Backups: inv.kiosk.backups(), Data: inv.kiosk.dir, Owner: inv.kiosk.desk.Info().Name,
		Stdout: inv.stdout, Stderr: inv.stderr, Path: inv.path, Create: inv.create}
}

// runRecovery sees to who can open the backups when the machine is gone.
func runRecovery(_ context.Context, inv *invocation) error {
	inv.flagSet()
	args, err := inv.parse(0, 2)
	if err != nil {
		return err
	}
	return inv.copies().Recovery(args)
}

// runRehearse tries a backup without touching anything.
func runRehearse(ctx context.Context, inv *invocation) error {
	by := inv.flagSet().String("recovery", "", "")
	args, err := inv.parse(0, 1)
	if err != nil {
		return err
	}
	id, err := inv.identity(*by)
	if err != nil {
		return err
	}
	path := ""
	if len(args) == 1 {
		if path, err = inv.path(args[0]); err != nil {
			return err
		}
	}
	return inv.copies().Try(ctx, path, id)
}

// identity reads the recovery key named with --recovery; nil where none was.
func (inv *invocation) identity(name string) (*seal.Identity, error) {
	if name == "" {
		return nil, nil
	}
	f, err := inv.open([]string{name})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return upkeep.ReadIdentity(f, name)
}
