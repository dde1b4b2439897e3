package upkeep

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheUnitHoldsItsPromises: restart, the one writable folder, no rights.
func TestTheUnitHoldsItsPromises(t *testing.T) {
	u := Unit{Name: "liaison-kiosk", About: "联络站 100%", Program: "/opt/liaison/kiosk", Args: []string{"serve", "--ssh", ":2222"}, Data: "/var/lib/liaison", User: "liaison"}
	text := u.String()
	for _, line := range []string{"Description=联络站 100%%", "ExecStart=/opt/liaison/kiosk serve --ssh :2222 --data /var/lib/liaison", "User=liaison",
		"Type=notify", "WatchdogSec=2min", "Restart=always", "RestartSec=1", "NoNewPrivileges=yes", "SystemCallFilter=@system-service", "PrivateTmp=yes", "ProtectSystem=strict", "ReadWritePaths=/var/lib/liaison",
		"ProtectHome=yes", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6", "Environment=RUNEWIDTH_EASTASIAN=0 LANG=C.UTF-8", "CapabilityBoundingSet=",
		"# LoadCredentialEncrypted=liaison.key:/etc/liaison/liaison-kiosk.cred", "WantedBy=multi-user.target"} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
	u.Writes = []string{"/mnt/second disk/kiosk"}
	if want := `ReadWritePaths=/var/lib/liaison "-/mnt/second disk/kiosk"` + "\n"; !strings.Contains(u.String(), want) {
		t.Errorf("no line %q", want)
	}
	u.Writes = nil
	u.Data, u.LowPort = "/home/wang/a $b%/data", true
	text = u.String()
	for _, line := range []string{`--data "/home/wang/a $$b%%/data"`, `ReadWritePaths="/home/wang/a $b%%/data"`, "ProtectHome=tmpfs", `BindPaths="/home/wang/a $b%%/data"`,
		"AmbientCapabilities=CAP_NET_BIND_SERVICE"} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
}

// TestSystemdReadsTheUnit has systemd itself look at the unit, where it is.
func TestSystemdReadsTheUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("no systemd-analyze here; the lines are checked by TestTheUnitHoldsItsPromises")
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, u := range map[string]Unit{
		"plain":  {Name: "plain", About: "联络站", Program: self, Args: []string{"serve"}, Data: "/var/lib/liaison", User: "root"},
		"home":   {Name: "home", About: "联络站", Program: self, Args: []string{"serve"}, Data: "/home/wang/a b/data", Writes: []string{"/mnt/second disk"}, User: "root", LowPort: true},
		"broken": {Name: "broken", About: "control: must be found", Program: "no-absolute\x01path", Data: "relative", User: "root"},
	} {
		path := filepath.Join(dir, name+".service")
		if err := os.WriteFile(path, []byte(u.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(analyze, "verify", "--man=no", "--recursive-errors=no", path).CombinedOutput()
		said := false // about this unit: the machine's own may have faults
		for line := range strings.Lines(string(out)) {
			said = said || strings.Contains(line, name+".service")
		}
		if name == "broken" {
			if !said {
				t.Errorf("systemd finds no fault in the broken unit: %v\n%s", err, out)
			}
		} else if said {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestAConsoleSignsInByItself: the old command is taken away before the new
// one, or systemd refuses two.
func TestAConsoleSignsInByItself(t *testing.T) {
	text := Console{Program: "/opt/li aison/kiosk", Data: "/var/lib/liaison", User: "liaison"}.String()
	for _, line := range []string{"[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin liaison ", "exec '/opt/li aison/kiosk' --data /var/lib/liaison\n",
		"Environment=RUNEWIDTH_EASTASIAN=0 LANG=C.UTF-8\n", "getty@tty1.service.d"} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
}

func TestLowPorts(t *testing.T) {
	for addr, low := range map[string]bool{":443": true, "0.0.0.0:22": true, ":8443": false, "[::1]:1024": false, "": false, "x:y": false, ":0": false} {
		if LowPort(addr) != low {
			t.Errorf("%q: %v", addr, !low)
		}
	}
}
