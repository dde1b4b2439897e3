package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"

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
	f, done, err := inv.seekable(ctx, args)
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

// How large a file from standard input may be. At the machine it is a bundle's
// limit and what sealing adds; over SSH, where whoever holds any key can send it,
// what a station gets from its city in years of working days: what is larger is
// brought on the stick.
const (
	maxStick    = 1<<30 + 64<<20
	maxStickSSH = 64 << 20
)

// maxSealed is how much is read before it is known to be sealed to this station:
// more than such a file's first lines ever are.
const maxSealed = 16 << 10

// stickPrefix begins the name of what comes through a pipe while it is read.
const stickPrefix = ".stick-"

// seekable opens the input named by args. What comes through a pipe is read
// twice, and lies in a temporary file meanwhile: sealed, as it came. The file has
// no name any more when the first byte comes, so that it goes with the process,
// however that ends. What is not sealed to this station is not written at all.
func (inv *invocation) seekable(ctx context.Context, args []string) (io.ReadSeeker, func(), error) {
	in, err := inv.open(args)
	if err != nil {
		return nil, nil, err
	}
	if f, ok := in.(*os.File); ok {
		return f, func() { _ = f.Close() }, nil
	}
	begins := make([]byte, maxSealed)
	n, err := io.ReadFull(in, begins)
	if begins = begins[:n]; err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, fmt.Errorf("read bundle: %w", err)
	}
	if ours, err := inv.kiosk.line.sealedToUs(ctx, begins); err != nil {
		return nil, nil, err
	} else if !ours {
		return bytes.NewReader(begins), func() {}, nil // the outbox says what it is
	}
	if !inv.kiosk.stick.TryLock() {
		return nil, nil, refuse(nil, "另一份文件正在收,请等它收完再试(kiosk sessions 看得到是谁在收)", "another file is being taken in; wait until that is done (kiosk sessions shows whose it is)")
	}
	temp, err := os.CreateTemp(inv.kiosk.dir, stickPrefix+"*")
	if err != nil {
		inv.kiosk.stick.Unlock()
		return nil, nil, cannotWrite(inv.kiosk.dir, err)
	}
	done := func() { _ = temp.Close(); inv.kiosk.stick.Unlock() }
	if err := os.Remove(temp.Name()); err != nil {
		done()
		return nil, nil, cannotWrite(inv.kiosk.dir, err)
	}
	limit := int64(maxStick)
	if !inv.local {
		limit = maxStickSSH
	}
	size, err := io.Copy(temp, io.MultiReader(bytes.NewReader(begins), io.LimitReader(in, limit+1-int64(n))))
	switch {
	case err != nil:
		done()
		return nil, nil, fmt.Errorf("read bundle: %w", err)
	case size > limit:
		done()
		return nil, nil, refuse(nil, "文件超过 %[1]d MiB,没有收,没有改动任何数据。请把 U 盘拿到本机,运行 kiosk accept 文件", "the file is larger than %[1]d MiB and was not taken; nothing was changed. Take the stick to the machine and run kiosk accept FILE", limit>>20)
	}
	return temp, done, nil
}

// sealedToUs reports whether what begins a file says that it opens with this
// station's key.
func (u *uplink) sealedToUs(ctx context.Context, begins []byte) (bool, error) {
	key, err := u.key(ctx)
	if err != nil {
		return false, err
	}
	id, err := agessh.NewEd25519Identity(key)
	if err != nil {
		return false, fmt.Errorf("the station's key: %w", err)
	}
	_, err = age.Decrypt(bytes.NewReader(begins), id)
	return err == nil, nil
}

// sweepSticks removes what was being read when an older program was killed.
// Whoever calls it holds the ledger, so nothing else is being read.
func sweepSticks(dir string) error {
	names, err := os.ReadDir(dir)
	for _, f := range names {
		if strings.HasPrefix(f.Name(), stickPrefix) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, f.Name())))
		}
	}
	return err
}
