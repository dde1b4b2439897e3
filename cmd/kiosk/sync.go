package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"liaison/cmd/clerk"
	"liaison/station"
	"liaison/sync/outbox"
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

// enrollFlags are those of `enroll`; both the caller's and the working process
// read them.
func (inv *invocation) enrollFlags() (ca, second *string) {
	fs := inv.flagSet()
	return fs.String("ca", "", ""), fs.String("second", "", "")
}

// askJoin asks for the second person's PIN on the caller's terminal.
func askJoin(inv *invocation) (io.Reader, error) {
	_, second := inv.enrollFlags()
	if _, err := inv.parse(0, 9); err != nil {
		return inv.stdin, nil // what is wrong is said by the command itself
	}
	return inv.askSecondPIN(*second)
}

// runEnroll joins the city. Where the station has one already, whoever sends it
// elsewhere sends every open record there: see mayJoin.
func runEnroll(ctx context.Context, inv *invocation) error {
	ca, second := inv.enrollFlags()
	args, err := inv.parse(2, 2)
	if err != nil {
		return err
	}
	pin := strings.NewReader("")
	if *second != "" && inv.local { // before a certificate, which may come the same way
		line, err := clerk.ReadPIN(inv.stdin)
		if err != nil {
			return err
		}
		pin = strings.NewReader(line + "\n")
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
	if err := inv.kiosk.line.enrol(ctx, args[0], args[1], pem, inv.mayJoin(*second, pin)); err != nil {
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

// mayJoin says whether the caller may take the station to a city where it has
// one. The same one, as after a revoked key, is for whoever runs the station.
// Another one gets every open record, and the real one nothing any more: that
// takes two people, and somebody at the machine, since whoever comes over the
// network may be anybody who holds a key.
func (inv *invocation) mayJoin(second string, pin io.Reader) func(joined outbox.City, other difference) error {
	return func(joined outbox.City, other difference) error {
		if err := inv.who.Need(station.RightJoin); err != nil || other == same {
			return err
		}
		if !inv.local {
			return elsewhere(joined, other)
		}
		if inv.note != "" { // asked for the address; the key differs too
			return nil
		}
		note, err := clerk.Consent(inv.kiosk.desk, inv.who, sendsAway, second, pin)
		if err == nil {
			inv.note = "another city, " + note
		}
		return err
	}
}

// sendsAway says why another city takes two.
var sendsAway = station.Text{ZH: "本站已接入市级端,改接另一个会把全部记录送到那里去", EN: "the station has a city already, and another one would be sent every record"}
