package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"liaison/station"
	"liaison/station/ledger"
)

// tell plays the main job by itself and says what happens.
func (d *demo) tell(ctx context.Context) error {
	say := func(zh, en string, args ...any) {
		fmt.Fprintf(d.out, zh+"\n  "+en+"\n", append(args, args...)...)
	}
	began := time.Now()
	say("1 样板站 %s 已建好:%d 位代表、%d 个村居,值班的是%s。", "1 The sample station %s is there: %d deputies, %d villages; on duty is %s.",
		demoCode+" "+demoName, len(d.k.desk.Deputies()), len(d.k.desk.Villages()), d.who.Name)

	saved, err := d.k.desk.Receive(d.who.Who(), demoVisit(d.k.desk.Now()), true, "")
	if err != nil {
		return err
	}
	say("2 一位选民来访,反映两件事。登记已落盘,编号 %s。", "2 A voter came with two matters. The record is on the disk; its number is %s.", string(saved.Number))

	list, err := d.overSSH(ctx, "list receptions --limit 3")
	if err != nil {
		return err
	}
	say("3 同事经 SSH 马上看得到(%s):", "3 A colleague sees it over SSH at once (%s):", d.sshCommand()+" list receptions --limit 3")
	for line := range strings.Lines(list) {
		fmt.Fprint(d.out, "    "+line)
	}
	if !strings.Contains(list, string(saved.Number)) {
		return fmt.Errorf("the list over SSH lacks %s", saved.Number)
	}

	if err := d.k.line.Run(ctx, nil); err != nil {
		return err
	}
	s := d.k.line.State()
	say("4 同步:市级签收确认 %d / %d 条,未上传 %d 条。", "4 Synced: the city has confirmed %d of %d entries; %d wait.", s.Confirmed, s.Entries, s.Waiting)

	if err := d.cityHas(saved.Number, say); err != nil {
		return err
	}
	if err := d.bothClean(ctx, say); err != nil {
		return err
	}
	say("完成,用时 %s。临时数据已删除;在终端里运行 kiosk demo 可以自己动手。", "Done in %s. The folder is removed; run kiosk demo in a terminal to try it by hand.", time.Since(began).Round(time.Millisecond))
	return ctx.Err()
}

// cityHas looks the reception up in the city's own ledger.
func (d *demo) cityHas(n station.Number, say func(zh, en string, args ...any)) error {
	desk, err := station.Open(d.city.led, station.Options{})
	if err != nil {
		return err
	}
	f, _, err := desk.Lookup(owner(), string(n))
	if err != nil {
		return fmt.Errorf("the city lacks %s: %w", n, err)
	}
	if rec, err := d.city.led.Record(station.KindVoter, f.ID); err != nil || !rec.Absent() {
		return fmt.Errorf("the city holds the voter's record of %s (%v)", n, err)
	}
	say("5 市级台账里有 %s:%d 件,第一件「%s」。选民姓名电话留在本站,只随报市转办的那一件送出。",
		"5 The city's register has %s: %d matters, the first “%s”. Name and phone stayed here but for the matter handed to the city.",
		string(n), len(f.Matters), f.Matters[0].Title)
	return nil
}

// bothClean walks everything on both sides.
func (d *demo) bothClean(ctx context.Context, say func(zh, en string, args ...any)) error {
	entries := make([]int, 0, 2)
	for _, l := range []ledger.Ledger{d.k.led, d.city.led} {
		var faults []string
		t, err := l.Check(ctx, func(f ledger.Fault) { faults = append(faults, f.String()) })
		if err != nil {
			return err
		}
		if len(faults) > 0 {
			return fmt.Errorf("check: %s", strings.Join(faults, "; "))
		}
		entries = append(entries, t.Entries)
	}
	say("6 两边逐条核对:本站 %d 条完好,市级 %d 条完好。", "6 Both sides walked and verified: %d entries here, %d at the city, all sound.", entries[0], entries[1])
	return nil
}

// overSSH runs a command through the station's own door, as ssh would.
func (d *demo) overSSH(ctx context.Context, command string) (string, error) {
	b, err := os.ReadFile(filepath.Join(d.dir, demoKey))
	if err != nil {
		return "", err
	}
	key, err := ssh.ParsePrivateKey(b)
	if err != nil {
		return "", err
	}
	known, err := knownhosts.New(filepath.Join(d.dir, demoHosts))
	if err != nil {
		return "", err
	}
	c, err := ssh.Dial("tcp", d.h.ssh.Addr().String(), &ssh.ClientConfig{User: "demo", Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: known, HostKeyAlgorithms: []string{ssh.KeyAlgoED25519}, Timeout: 10 * time.Second})
	if err != nil {
		return "", fmt.Errorf("over ssh: %w", err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	s, err := c.NewSession()
	if err != nil {
		return "", fmt.Errorf("over ssh: %w", err)
	}
	defer s.Close()
	var out, errs bytes.Buffer
	s.Stdout, s.Stderr = &out, &errs
	if err := s.Run(command); err != nil {
		return "", fmt.Errorf("over ssh: %w: %s", err, errs.String())
	}
	return out.String(), nil
}
