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

// A consent is what stands in the audit log beside a restore: who agreed.
type consent struct {
	second string
	alone  bool // the data that is there cannot be read, and nobody could be asked
}

// note is its form in the log.
func (c consent) note() string {
	switch {
	case c.second != "":
		return "with " + c.second
	case c.alone:
		return "alone: the data could not be read"
	}
	return "alone: no second account"
}

// consents asks for the second person of a restore over data: two people for
// what cannot be undone. Where there is no data, or no second account in it,
// there is nobody to ask.
func (inv *invocation) consents(second string, alone bool) (consent, error) {
	if !upkeep.Exists(filepath.Join(inv.data, ledgerFile)) {
		return consent{}, nil
	}
	k, err := openKiosk(inv.data)
	if err != nil {
		if alone || !errors.Is(err, bolt.ErrDamaged) && !errors.Is(err, bolt.ErrLocked) {
			return consent{alone: true}, nil // what stands in the way, the restore says
		}
		return consent{}, refuse(err, "现有的数据读不出来,无法核对第二个人。确认要用备份替换它,请加 --alone(原文件会留存,并记入审计)", "the data that is there cannot be read, so nobody can be asked for consent; to replace it all the same add --alone (it is set aside, and the audit log says so)")
	}
	defer k.close()
	who := owner()
	s := station.Second{Account: second}
	if second != "" {
		if s.PIN, err = clerk.ReadPIN(inv.stdin); err != nil {
			return consent{}, err
		}
	}
	by, err := k.desk.NeedSecond(who, s)
	if err == nil {
		return consent{second: by.Account}, nil
	}
	if p := station.Say(err); p.Code == station.ErrSecond && second == "" {
		us, uerr := k.desk.Users()
		if uerr != nil {
			return consent{}, uerr
		}
		any := false
		for _, u := range us {
			any = any || u.Who().May(station.RightErase) && u.PIN != ""
		}
		if !any {
			return consent{}, nil
		}
		return consent{}, refuse(err, "恢复会替换现有的数据,要两个人同意:请加 --second 另一位站长或管理员的姓名,并输入其 PIN", "a restore replaces the data that is there and takes two people: add --second NAME of a head or administrator, and their PIN")
	}
	return consent{}, err
}

// markRestored writes into the restored station who brought it back.
func (inv *invocation) markRestored(c consent) error {
	k, err := openKiosk(inv.data)
	if err != nil {
		return err
	}
	return errors.Join(k.desk.Audit(owner(), station.ActRestore, ledgerFile, true, c.note()), k.close())
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
