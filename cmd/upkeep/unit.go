package upkeep

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"liaison/station/ledger/seal"
)

// A Unit is a service of systemd that runs one of the programs for years.
type Unit struct {
	Name    string // of the unit: liaison-kiosk
	About   string
	Program string   // the executable
	Args    []string // beside --data
	Data    string   // the data directory, the only place it may write to, but for
	Writes  []string // folders elsewhere, such as those of the second copy and of backups
	User    string   // whose it is
	LowPort bool     // it listens on a port below 1024
}

// String is the unit file. The program says when it serves, and gives signs of
// life while its ledger answers. It restarts whatever happens; the pause of one
// second and no limit on attempts suit a station where nobody is at hand to
// start it. It may write to its data directory, and to nothing else.
func (u Unit) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# /etc/systemd/system/%s.service", u.Name)
	line("# 安装 / install:  systemctl daemon-reload && systemctl enable --now %s", u.Name)
	line("[Unit]")
	line("Description=%s", strings.ReplaceAll(u.About, "%", "%%"))
	line("Wants=network-online.target")
	line("After=network-online.target time-sync.target")
	line("StartLimitIntervalSec=0")
	line("")
	line("[Service]")
	line("ExecStart=%s", strings.Join(append([]string{quote(u.Program)}, words(append(u.Args, "--data", u.Data))...), " "))
	line("User=%s", u.User)
	line("Type=notify")
	line("TimeoutStartSec=15min") // a damaged file is made anew before anybody is served
	line("WatchdogSec=2min")
	line("Restart=always")
	line("RestartSec=1")
	line("TimeoutStopSec=30")
	line("Environment=RUNEWIDTH_EASTASIAN=0 LANG=C.UTF-8")
	line("UMask=0077")
	line("# 钥匙不放在磁盘上 / the key off the disk:")
	line("#   systemd-creds encrypt --name=%s %s /etc/liaison/%s.cred", seal.CredentialName, filepath.Join(u.Data, keyFile), u.Name)
	line("# LoadCredentialEncrypted=%s:/etc/liaison/%s.cred", seal.CredentialName, u.Name)
	line("# LoadCredential=%s:/media/key/%s", seal.CredentialName, keyFile)
	line("")
	u.harden(line)
	line("")
	line("[Install]")
	line("WantedBy=multi-user.target")
	return b.String()
}

// harden takes away what the program never needs.
func (u Unit) harden(line func(string, ...any)) {
	line("NoNewPrivileges=yes")
	line("PrivateTmp=yes")
	line("PrivateDevices=yes")
	line("ProtectSystem=strict")
	line("ReadWritePaths=%s", strings.Join(append([]string{quote(u.Data)}, perhaps(u.Writes)...), " "))
	if under(u.Data) || under(u.Program) { // hidden altogether by "yes"
		line("ProtectHome=tmpfs")
		line("BindPaths=%s", quote(u.Data))
		line("BindReadOnlyPaths=%s", quote(u.Program))
	} else {
		line("ProtectHome=yes")
	}
	for _, what := range []string{"KernelTunables", "KernelModules", "KernelLogs", "ControlGroups", "Clock", "Hostname"} {
		line("Protect%s=yes", what)
	}
	line("RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6")
	for _, what := range []string{"Namespaces", "Realtime", "SUIDSGID"} {
		line("Restrict%s=yes", what)
	}
	line("LockPersonality=yes")
	line("MemoryDenyWriteExecute=yes")
	line("SystemCallArchitectures=native")
	line("SystemCallFilter=@system-service")
	line("SystemCallErrorNumber=EPERM")
	line("ProtectProc=invisible")
	line("RemoveIPC=yes")
	if u.LowPort {
		line("CapabilityBoundingSet=CAP_NET_BIND_SERVICE")
		line("AmbientCapabilities=CAP_NET_BIND_SERVICE")
	} else {
		line("CapabilityBoundingSet=")
	}
}

// under reports that a path lies where ProtectHome hides it.
func under(path string) bool {
	for _, home := range []string{"/home", "/root", "/run/user"} {
		if path == home || strings.HasPrefix(path, home+"/") {
			return true
		}
	}
	return false
}

// Elsewhere are the folders that the program of a data directory writes to and
// that do not lie in it: the second copy's, and others that are named.
func Elsewhere(data string, others ...string) (out []string) {
	data = filepath.Clean(data)
	for _, at := range append([]string{filepath.Dir(Second(data))}, others...) {
		if at = filepath.Clean(at); at != data && !strings.HasPrefix(at, data+string(filepath.Separator)) {
			out = append(out, at)
		}
	}
	return out
}

// perhaps writes paths that need not be there, such as a disk that is not put in.
func perhaps(paths []string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = quote("-" + p)
	}
	return out
}

// words are arguments, in which systemd would also expand variables.
func words(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = strings.ReplaceAll(quote(a), "$", "$$")
	}
	return out
}

// quote writes a word as systemd reads it back: specifiers doubled, and in
// quotes where there is anything else to it.
func quote(s string) string {
	s = strings.ReplaceAll(s, "%", "%%")
	if !strings.ContainsAny(s, " \t\"'\\;") {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Owner is the name of the account that owns a data directory; where there is
// none yet, of the account that asks.
func Owner(dir string) (string, error) {
	if st, err := os.Stat(dir); err == nil {
		if s, ok := st.Sys().(*syscall.Stat_t); ok {
			id := strconv.FormatUint(uint64(s.Uid), 10)
			if u, err := user.LookupId(id); err == nil {
				return u.Username, nil
			}
			return id, nil
		}
	}
	u, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("name of this account: %w", err)
	}
	return u.Username, nil
}

// LowPort reports whether only a privileged process may listen on an address.
func LowPort(addr string) bool {
	n, err := strconv.Atoi(addr[strings.LastIndexByte(addr, ':')+1:])
	return err == nil && n > 0 && n < 1024
}
