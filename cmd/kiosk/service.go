package main

import (
	"context"
	"fmt"
	"os"

	"liaison/cmd/upkeep"
)

// runService prints the unit by which systemd runs this program on this data
// directory, or with --console what brings its screen up on the machine's own
// terminal. It changes nothing.
func runService(_ context.Context, inv *invocation) error {
	addr := inv.sshFlag()
	console := inv.flags.Bool("console", false, "")
	writes := inv.flags.StringArray("write", nil, "")
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	if inv.data == "" {
		return usage("不知道数据放在哪里,请写明 --data 目录", "there is no home directory; name one with --data DIR")
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	for i, at := range *writes {
		if (*writes)[i], err = inv.path(at); err != nil {
			return err
		}
	}
	user, err := upkeep.Owner(inv.data)
	if err != nil {
		return err
	}
	if *console {
		_, err = fmt.Fprint(inv.stdout, upkeep.Console{Program: self, Data: inv.data, User: user})
		return err
	}
	args := []string{"serve"}
	if *addr != "" {
		args = append(args, "--ssh", *addr)
	}
	_, err = fmt.Fprint(inv.stdout, upkeep.Unit{Name: "liaison-kiosk", About: "人大代表联络站 / deputy liaison station",
		Program: self, Args: args, Data: inv.data, Writes: upkeep.Elsewhere(inv.data, *writes...), User: user, LowPort: upkeep.LowPort(*addr)})
	return err
}
