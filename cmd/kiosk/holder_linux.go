package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// holder is the process that has a lock on the file, as the kernel lists it
// in /proc/locks; 0 where it cannot be told.
func holder(path string) int {
	var st syscall.Stat_t
	if syscall.Stat(path, &st) != nil {
		return 0
	}
	f, err := os.Open("/proc/locks")
	if err != nil {
		return 0
	}
	defer f.Close()
	suffix := fmt.Sprintf(":%d", st.Ino)
	for s := bufio.NewScanner(f); s.Scan(); {
		// 1: FLOCK  ADVISORY  WRITE 4242 fe:01:131079 0 EOF
		p := strings.Fields(s.Text())
		if len(p) < 6 || p[1] != "FLOCK" || !strings.HasSuffix(p[5], suffix) {
			continue
		}
		if pid, err := strconv.Atoi(p[4]); err == nil && pid > 0 {
			return pid
		}
	}
	return 0
}
