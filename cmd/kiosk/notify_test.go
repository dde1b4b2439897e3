package main

import (
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestServeTellsSystemd: the real program, and a socket that listens as
// systemd does.
func TestServeTellsSystemd(t *testing.T) {
	f := newStation(t)
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := f.command("serve")
	c.Env = append(c.Env, "NOTIFY_SOCKET="+path, "WATCHDOG_USEC=60000")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	hung := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
	heard := map[string]int{}
	hear := func(what string) {
		t.Helper()
		b := make([]byte, 4096)
		for heard[what] == 0 {
			if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			n, err := conn.Read(b)
			if err != nil {
				t.Fatalf("no %q, but %v: %v", what, heard, err)
			}
			first, _, _ := strings.Cut(string(b[:n]), "\n")
			heard[first]++
		}
	}
	hear("READY=1")
	f.okIn(line("王小明", "路灯不亮")+"\n", "add") // it does serve
	hear("WATCHDOG=1")
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	hear("STOPPING=1")
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	hung.Stop()
}
