package main

import (
	"context"
	"fmt"
	"os"

	"liaison/cmd/upkeep"
)

// runService prints the unit by which systemd runs this program on this data
// directory. It changes nothing.
func runService(_ context.Context, inv *invocation) error {
	if inv.listen == "" {
		return usage("请写监听地址,例如 --listen :8443", "say where to listen, such as --listen :8443")
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	user, err := upkeep.Owner(inv.data)
	if err != nil {
		return err
	}
	args := []string{"serve", "--listen", inv.listen}
	if inv.ssh != "" {
		args = append(args, "--ssh", inv.ssh)
	}
	if inv.cert != "" {
		args = append(args, "--cert", inv.path(inv.cert), "--key", inv.path(inv.key))
	}
	var writes []string
	if inv.backupDir != "" {
		writes = append(writes, inv.path(inv.backupDir))
		args = append(args, "--backups", inv.path(inv.backupDir))
	}
	_, err = fmt.Fprint(inv.stdout, upkeep.Unit{Name: "liaison-city", About: "市人大 / the city's side of the liaison stations",
		Program: self, Args: args, Data: inv.data, Writes: upkeep.Elsewhere(inv.data, writes...), User: user, LowPort: upkeep.LowPort(inv.listen)})
	return err
}
