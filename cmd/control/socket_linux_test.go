package control

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADirectoryDeeperThanASocketAddressIsLong(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("d", 100), strings.Repeat("e", 100))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "control.sock")
	stop := start(t, path, Server{Handle: func(context.Context, Call) int { return 9 }})
	if code, _, _ := run(t, path, ""); code != 9 {
		t.Errorf("code %d", code)
	}
	stop()
	if _, err := Dial(path); err != ErrNobody {
		t.Errorf("after the end: %v", err)
	}
}
