package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"liaison/cmd/clerk"
	"liaison/cmd/upkeep"
	"liaison/station/ledger/seal"
)

// runKey says where the data's key comes from, or changes it.
func runKey(_ context.Context, inv *invocation) error {
	inv.flagSet()
	args, err := inv.parse(0, 1)
	if err != nil {
		return err
	}
	text := ""
	switch {
	case len(args) == 0:
		return inv.sayKey()
	case upkeep.KeyFrom(inv.kiosk.dir) == "credential":
		return refuse(nil, "钥匙由 systemd 凭据提供,请在服务文件里改", "the key is a credential of systemd; change it in the unit")
	case args[0] == "passphrase":
		b, err := io.ReadAll(io.LimitReader(inv.stdin, 4096))
		if text = strings.TrimRight(string(b), "\r\n"); err != nil || text == "" {
			return refuse(err, "标准输入里没有口令", "there is no passphrase on standard input")
		}
	case args[0] != "file":
		return usage("写法:kiosk %[1]s", "usage: kiosk %[1]s", inv.cmd.line())
	}
	err = upkeep.SetPassphrase(inv.kiosk.dir, inv.kiosk.led, text)
	if errors.Is(err, seal.ErrWeak) {
		return refuse(err, "这个口令太简单,请用更长的一句话", "this passphrase is too simple; use a longer sentence")
	}
	if err != nil {
		return err
	}
	return inv.sayKey()
}

func (inv *invocation) sayKey() error {
	words := map[string]string{"file": "钥匙文件 / key file", "passphrase": "口令,启动时输入 / passphrase, asked at the start", "credential": "systemd 凭据 / credential of systemd"}
	_, err := fmt.Fprintln(inv.stdout, words[upkeep.KeyFrom(inv.kiosk.dir)])
	return err
}

// askKey asks for a new passphrase on the caller's terminal, twice.
func askKey(inv *invocation) (io.Reader, error) {
	inv.flagSet()
	args, err := inv.parse(0, 1)
	if err != nil || len(args) == 0 || args[0] != "passphrase" || !clerk.IsTerminal(inv.stdin) {
		return inv.stdin, nil
	}
	first, err := inv.call().Secret("新口令 / new passphrase: ")
	if err != nil {
		return nil, err
	}
	again, err := inv.call().Secret("再输一次 / again: ")
	if err != nil {
		return nil, err
	}
	if first != again {
		return nil, refuse(nil, "两次输入的口令不一样", "the two passphrases differ")
	}
	return strings.NewReader(first + "\n"), nil
}
