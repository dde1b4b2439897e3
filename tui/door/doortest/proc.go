package doortest

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// A Proc is another process seen from outside, through Linux's /proc.
type Proc struct {
	testing.TB
	PID int
}

// Memory is a line of /proc/PID/status, in bytes: VmRSS now, VmHWM at most.
func (p Proc) Memory(line string) uint64 {
	p.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID))
	if err != nil {
		p.Fatal(err)
	}
	var kb uint64
	_, rest, _ := strings.Cut(string(b), line+":")
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		p.Fatal(err)
	}
	return kb << 10
}

// ForgetPeak has VmHWM begin anew.
func (p Proc) ForgetPeak() {
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.PID), []byte("5"), 0); err != nil {
		p.Logf("the peak counts from the start: %v", err)
	}
}

// Spent is the processor time that the process has taken so far, to 10 ms.
func (p Proc) Spent() (d time.Duration) {
	p.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID))
	if err != nil {
		p.Fatal(err)
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	for _, f := range fields[11:13] { // utime, stime, in ticks
		var ticks int64
		if _, err := fmt.Sscan(f, &ticks); err != nil {
			p.Fatal(err)
		}
		d += time.Duration(ticks) * 10 * time.Millisecond
	}
	return d
}

// Busy is the share of one core that the process takes over a while.
func (p Proc) Busy(while time.Duration) float64 {
	p.Helper()
	from := p.Spent()
	<-time.After(while)
	return float64(p.Spent()-from) / float64(while)
}
