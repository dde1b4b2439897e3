package bolt

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Two files set aside within one millisecond both stay: the second heal of a
// fast machine was refused, as its name was taken.
func TestTwoSetAsideAtOnceBothStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	now := time.Date(2026, 11, 23, 9, 12, 0, 0, time.UTC)
	kept := map[string]string{}
	for _, body := range []string{"first", "second", "third"} {
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		aside, err := setAside(path, now)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		kept[aside] = body
	}
	for aside, body := range kept {
		if b, err := os.ReadFile(aside); err != nil || string(b) != body {
			t.Errorf("%s holds %q, %v; want %q", aside, b, err, body)
		}
	}
	if len(kept) != 3 {
		t.Errorf("%d names for three files", len(kept))
	}
}
