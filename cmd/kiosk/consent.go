package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"liaison/cmd/clerk"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger/bolt"
)

// consents asks for the second person of a restore over data: two people for
// what cannot be undone. Where there is no data, or no second account in it,
// there is nobody to ask.
func (inv *invocation) consents(second string, alone bool) (note string, err error) {
	if !upkeep.Exists(filepath.Join(inv.data, ledgerFile)) {
		return "nothing was there", nil
	}
	k, err := openKiosk(inv.data)
	if err != nil {
		if alone || !errors.Is(err, bolt.ErrDamaged) && !errors.Is(err, bolt.ErrLocked) {
			return "alone: the data could not be read", nil // what stands in the way, the restore says
		}
		return "", refuse(err, "现有的数据读不出来,无法核对第二个人。确认要用备份替换它,请加 --alone(原文件会留存,并记入审计)", "the data that is there cannot be read, so nobody can be asked for consent; to replace it all the same add --alone (it is set aside, and the audit log says so)")
	}
	defer k.close()
	return clerk.Consent(k.desk, owner(), clerk.Restores, second, inv.stdin)
}

// markRestored writes into the restored station who brought it back.
func (inv *invocation) markRestored(note string) error {
	k, err := openKiosk(inv.data)
	if err != nil {
		return err
	}
	return errors.Join(k.desk.Audit(owner(), station.ActRestore, ledgerFile, true, note), k.close())
}

// askSecondPIN asks for the second person's PIN on the caller's terminal,
// where one is named.
func (inv *invocation) askSecondPIN(second string) (io.Reader, error) {
	if second == "" || !clerk.IsTerminal(inv.stdin) {
		return inv.stdin, nil
	}
	pin, err := inv.call().Secret(fmt.Sprintf("%s 的 PIN / PIN of the second person: ", clip(second)))
	if err != nil {
		return nil, err
	}
	return strings.NewReader(pin + "\n"), nil
}
