package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"liaison/cmd/clerk"
)

// runSync syncs now, back-off or not, and tells how far the city has
// confirmed.
func runSync(ctx context.Context, inv *invocation) error {
	inv.flagSet()
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	line := inv.kiosk.line
	last := time.Now()
	err := line.Run(ctx, func(done, total uint64) {
		if now := time.Now(); done == total || now.Sub(last) >= time.Second { // a line a second at most
			last = now
			fmt.Fprintf(inv.stderr, "已确认 %d / %d 条 / confirmed %d of %d\n", done, total, done, total)
		}
	})
	if err != nil {
		return err
	}
	return inv.synced()
}

// synced says how far the city has confirmed.
func (inv *invocation) synced() error {
	s := inv.kiosk.line.State()
	_, err := fmt.Fprintf(inv.stdout, "同步完成:市级已确认 %d / %d 条 / done: the city has confirmed %d of %d\n", s.Confirmed, s.Entries, s.Confirmed, s.Entries)
	return err
}

// maxCA is the most that is read of a --ca file, in bytes.
const maxCA = 1 << 20

// runEnroll joins the city.
func runEnroll(ctx context.Context, inv *invocation) error {
	ca := inv.flagSet().String("ca", "", "")
	args, err := inv.parse(2, 2)
	if err != nil {
		return err
	}
	var pem []byte
	if *ca != "" {
		in, err := inv.open([]string{*ca})
		if err != nil {
			return err
		}
		defer in.Close()
		if pem, err = io.ReadAll(io.LimitReader(in, maxCA)); err != nil {
			return cannotRead(*ca, err)
		}
	}
	if err := inv.kiosk.line.enrol(ctx, args[0], args[1], pem); err != nil {
		return err
	}
	city := inv.kiosk.line.name()
	fmt.Fprintf(inv.stdout, "已接入%s / enrolled with %s\n", city, city)
	return inv.catchUp(ctx)
}

// catchUp syncs a machine that is new to its station, or was restored: what the
// city holds of the station's earlier epochs brings the numbers that were given
// before, so that none of them is given again.
func (inv *invocation) catchUp(ctx context.Context) error {
	if err := inv.kiosk.line.Run(ctx, nil); err != nil {
		_, err = fmt.Fprintf(inv.stderr, "还没有同步成功(%s)。请先运行 kiosk sync 再登记,否则编号可能与以前的重复 / not synced yet; run kiosk sync before recording, or numbers may be given twice\n", clerk.Sentence(err))
		return err
	}
	return inv.synced()
}
