package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"liaison/sync/inbox"
	"liaison/sync/wire"
)

// runAccept takes in what a station sent on a stick.
func runAccept(ctx context.Context, inv *invocation, c *city) error {
	path := inv.path(inv.args[0])
	f, err := os.Open(path)
	if err != nil {
		return cannotUse(path, err)
	}
	defer f.Close()
	a, err := c.in.Accept(ctx, f)
	var p wire.Problem
	switch {
	case err == nil:
		_, err = fmt.Fprintf(inv.stdout, "已收下 %s 的 %d 条新记录(另有 %d 条早已收到)。请用 city bundle %[1]s 文件 导出回执带回去 / %[2]d new entries of %[1]s, %[3]d known already; take the receipts back with city bundle %[1]s FILE\n", a.Station, a.Stored, a.Known)
		return err
	case errors.Is(err, wire.ErrNotForUs):
		return refuse(err, "“%s”不是给本市级端的文件,没有改动任何数据", "%s is not for this city; nothing was changed", clip(inv.args[0]))
	case errors.Is(err, inbox.ErrUnknownStation):
		return refuse(err, "“%s”来自没有登记的站,没有改动任何数据;请先用 city enroll 登记", "%s comes from a station that is not enrolled; nothing was changed. Enrol it with city enroll", clip(inv.args[0]))
	case errors.Is(err, wire.ErrUnsigned):
		return refuse(err, "“%s”的签名不对:站点已换了钥匙,或文件被改动;没有改动任何数据", "the signature of %s is wrong: the station has another key now, or the file was changed; nothing was changed", clip(inv.args[0]))
	case errors.Is(err, wire.ErrMalformed), errors.Is(err, wire.ErrTooLarge):
		return refuse(err, "“%s”不完整,或不是站点导出的文件;请重新拷贝一份", "%s is not whole, or no station's file; copy it anew", clip(inv.args[0]))
	case errors.As(err, &p) && p.Code == wire.Revoked:
		return revoked(err, a.Station)
	case errors.As(err, &p) && p.Code == wire.Gap:
		return refuse(err, "%[1]s 之前还有一份没有收到:请先收那一份,或请站点用 kiosk bundle --all 重新导出", "an earlier file of %[1]s has not come: take that in first, or have the station write everything with kiosk bundle --all", a.Station)
	case errors.As(err, &p):
		return &sentence{strings.TrimSuffix(p.Detail, "。"), strings.TrimSuffix(p.Title, "."), exitFailed, err}
	}
	return err
}

// runBundle writes the way back for a station to a file for a stick.
func runBundle(ctx context.Context, inv *invocation, c *city) error {
	n := 0
	err := inv.create(inv.args[1], func(w io.Writer) (err error) {
		n, err = c.in.Bundle(ctx, inv.args[0], w, inv.all)
		return err
	})
	if errors.Is(err, inbox.ErrUnknownStation) {
		return refuse(err, "没有登记过站点“%s”", "no station %s is enrolled", clip(inv.args[0]))
	}
	if p, ok := errors.AsType[wire.Problem](err); ok && p.Code == wire.Revoked {
		return revoked(err, inv.args[0])
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(inv.stdout, "已把 %s 的回执和 %d 条市级记录导出到 %s(只有该站能打开) / receipts and %[2]d entries for %[1]s written; that station alone can open the file\n", inv.args[0], n, inv.args[1])
	return err
}

func revoked(cause error, code string) error {
	return refuse(cause, "%[1]s 的密钥已吊销,没有改动任何数据。要让该站重新接入:city enroll %[1]s", "the key of %[1]s was revoked; nothing was changed. To let the station back in: city enroll %[1]s", clip(code))
}
