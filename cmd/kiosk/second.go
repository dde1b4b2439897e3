package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"liaison/cmd/control"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger/bolt"
)

// runSecond says where the second copy lies, or moves it: to another disk the
// better, so that one broken disk takes one copy only.
func runSecond(_ context.Context, inv *invocation) error {
	inv.flagSet()
	args, err := inv.parse(0, 1)
	if err != nil {
		return err
	}
	if !upkeep.Exists(filepath.Join(inv.data, ledgerFile)) {
		return refuse(errNoStation, "%[1]s 里还没有联络站。请先运行:kiosk init --station QA01 --name 站名", "there is no station in %[1]s yet; create it with: kiosk init --station QA01 --name NAME", inv.data)
	}
	if len(args) == 0 {
		_, err := fmt.Fprintln(inv.stdout, upkeep.Second(inv.data))
		return err
	}
	if c, err := control.Dial(filepath.Join(inv.data, socketFile)); err == nil {
		defer c.Close()
		return refuse(nil, "程序正在运行(进程 %[1]d),请先停止它再移动第二份", "the program is running (process %[1]d); stop it before you move the second copy", c.PID())
	} else if !errors.Is(err, control.ErrNobody) {
		return err
	}
	to := ""
	if args[0] != besideLedger {
		if to, err = inv.path(args[0]); err != nil {
			return err
		}
	}
	o := upkeep.Options(inv.data, bolt.Options{Indexes: station.Indexes(), Timeout: heldFor})
	switch err := upkeep.MoveSecond(inv.data, ledgerFile, to, o); {
	case errors.Is(err, upkeep.ErrTaken):
		return refuse(err, "“%[1]s”里已有一份第二份,没有改动任何数据;请换一个空的目录", "%[1]s holds a second copy already; nothing was changed. Choose an empty folder", clip(args[0]))
	case err != nil:
		return refuse(err, "“%[1]s”写不进去,第二份仍在原处", "%[1]s cannot be written; the second copy is where it was", clip(args[0]))
	}
	_, err = fmt.Fprintf(inv.stdout, "第二份现在在 %[1]s / the second copy is there now\n", upkeep.Second(inv.data))
	return err
}

// besideLedger moves the second copy back to the data directory.
const besideLedger = "-"
