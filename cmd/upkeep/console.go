package upkeep

import (
	"fmt"
	"path/filepath"
	"strings"
)

// A Console is a terminal of the machine on which a kiosk's screen comes up by
// itself after every start of the machine.
type Console struct {
	Program string
	Data    string
	User    string // who owns the data directory
}

// String is the drop-in for the getty of that terminal. The program takes the
// place of the login shell, so that there is none to fall back to: where the
// screen is left, systemd starts it again.
func (c Console) String() string {
	// agetty splits the login options at blanks and knows no quotes; the
	// program is therefore started by a profile.
	start := fmt.Sprintf("exec %s --data %s", shell(c.Program), shell(c.Data))
	return strings.Join([]string{
		"# /etc/systemd/system/getty@tty1.service.d/kiosk.conf",
		"# 安装 / install:  systemctl daemon-reload && systemctl restart getty@tty1",
		"#",
		"# 并把下面这一行加到 " + filepath.Join("~"+c.User, ".profile") + " 的末尾 / and at the end of that file:",
		`#   [ "$(tty)" = /dev/tty1 ] && ` + start,
		"#",
		"# Linux 控制台没有汉字字形:请装 kmscon,并改用 kmsconvt@tty1.service.d,",
		"# the Linux console has no Chinese glyphs: install kmscon and use kmsconvt@tty1.service.d",
		"# instead, with this ExecStart:",
		"#   ExecStart=/usr/bin/kmscon --vt=%I --seats=seat0 --no-switchvt --login -- " + "/bin/login -p -f " + c.User,
		"[Service]",
		"ExecStart=",
		"ExecStart=-/sbin/agetty --autologin " + c.User + " --noclear %I $TERM",
		"Environment=RUNEWIDTH_EASTASIAN=0 LANG=C.UTF-8",
		"Restart=always",
		"RestartSec=1",
		"",
	}, "\n")
}

// shell quotes a word for a POSIX shell.
func shell(s string) string {
	if !strings.ContainsAny(s, " \t'\"\\$`;&|<>()*?[]~#") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
