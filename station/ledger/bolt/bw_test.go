package bolt

import (
	"os"
	"syscall"
	"testing"
	"time"
)

var pageSizes = []int{4096, 8192, 16384}

func bareWrite(b *testing.B, f *os.File, i int64) time.Duration {
	p := make([]byte, 4096)
	t := time.Now()
	if _, err := f.WriteAt(p, i*4096); err != nil {
		b.Fatal(err)
	}
	if err := syscall.Fdatasync(int(f.Fd())); err != nil {
		b.Fatal(err)
	}
	return time.Since(t)
}
