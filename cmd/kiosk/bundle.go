package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"liaison/cmd/clerk"
	"liaison/sync/outbox"
)

// box is the station's outbox; a refusal where the station has not joined a
// city.
func (inv *invocation) box() (*outbox.Outbox, error) {
	box := inv.kiosk.line.outbox()
	if box == nil {
		return nil, refuse(nil, "本站还没有接入市级端;请先在能联网的地方运行 kiosk enroll 网址 登记码", "this station has not joined a city yet; do so once where there is a line, with kiosk enroll URL CODE")
	}
	return box, nil
}

// runBundle writes to a file for a stick what the city has not confirmed yet.
func runBundle(ctx context.Context, inv *invocation) error {
	all := inv.flagSet().Bool("all", false, "")
	args, err := inv.parse(1, 1)
	if err != nil {
		return err
	}
	box, err := inv.box()
	if err != nil {
		return err
	}
	if args[0] == "-" && clerk.IsTerminal(inv.stdout) {
		return usage("导出的是加密的二进制文件,不能印在屏幕上;请写文件名", "a bundle cannot be printed on a terminal; give a file name")
	}
	var n uint64
	err = inv.create(args[0], func(w io.Writer) error { n, err = box.Bundle(ctx, w, *all); return err })
	if err != nil || args[0] == "-" {
		return err
	}
	_, err = fmt.Fprintf(inv.stdout, "已把 %d 条未确认的记录导出到 %s(只有市级端能打开)。市里收下后会给一份回来的文件,请用 kiosk accept 收下 / %[1]d entries written for the city, which alone can open the file; take in what comes back with kiosk accept\n", n, args[0])
	return err
}

// runAccept takes in what the city sent back on a stick.
func runAccept(ctx context.Context, inv *invocation) error {
	inv.flagSet()
	args, err := inv.parse(1, 1)
	if err != nil {
		return err
	}
	box, err := inv.box()
	if err != nil {
		return err
	}
	f, done, err := inv.seekable(args)
	if err != nil {
		return err
	}
	defer done()
	a, err := box.Accept(ctx, f)
	if err != nil {
		return spoken(err)
	}
	s, err := box.Status()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(inv.stdout, "已收下。市级已确认 %d 条,未上传 %d 条;市里来的新记录 %d 条 / taken in: %[1]d confirmed by the city, %[2]d waiting, %[3]d new entries from the city\n", a.Confirmed, s.Waiting, a.New)
	return err
}

// maxStick is how large a file from standard input may be: a bundle's limit
// and what sealing adds.
const maxStick = 1<<30 + 64<<20

// seekable opens the input named by args. What comes through a pipe is read
// twice, and lies in a temporary file meanwhile: sealed, as it came.
func (inv *invocation) seekable(args []string) (io.ReadSeeker, func(), error) {
	in, err := inv.open(args)
	if err != nil {
		return nil, nil, err
	}
	if f, ok := in.(*os.File); ok {
		return f, func() { _ = f.Close() }, nil
	}
	temp, err := os.CreateTemp(inv.kiosk.dir, ".stick-*")
	if err != nil {
		return nil, nil, cannotWrite(inv.kiosk.dir, err)
	}
	done := func() { _ = temp.Close(); _ = os.Remove(temp.Name()) }
	if _, err := io.Copy(temp, io.LimitReader(in, maxStick)); err != nil {
		done()
		return nil, nil, fmt.Errorf("read bundle: %w", err)
	}
	return temp, done, nil
}
