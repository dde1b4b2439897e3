// Package cmd holds the programs. Its test holds the house: who may import
// whom.
package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// deps lists what a package of this module imports, directly and not.
func deps(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", pkg).Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}

// packages lists the packages under a folder of the module.
func packages(t *testing.T, pattern string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", pattern).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", pattern, err)
	}
	return strings.Fields(string(out))
}

func under(pkg string, roots ...string) bool {
	for _, r := range roots {
		if pkg == r || strings.HasPrefix(pkg, r+"/") {
			return true
		}
	}
	return false
}

// TestHouse: the domain knows no storage, screen or line; the interface knows
// neither storage nor line; storage and line know the ledger only.
func TestHouse(t *testing.T) {
	for _, rule := range []struct {
		who    string   // a package or a pattern
		own    []string // of this module, all it may rest on
		others []string // modules it may never rest on
	}{
		{"liaison/station", []string{"liaison/station"}, []string{"go.etcd.io", "charm.land", "github.com/xuri", "net/http"}},
		{"liaison/station/ledger", []string{"liaison/station/ledger"}, []string{"go.etcd.io", "charm.land", "net", "github.com"}},
		{"liaison/station/ledger/bolt", []string{"liaison/station/ledger"}, []string{"charm.land", "net/http"}},
		{"liaison/station/typed", []string{"liaison/station/typed"}, []string{"go.etcd.io", "charm.land"}},
		{"liaison/tui/...", []string{"liaison/tui", "liaison/station"}, []string{"go.etcd.io", "github.com/xuri"}},
		{"liaison/sync/wire", []string{"liaison/sync/wire", "liaison/station/ledger"}, []string{"go.etcd.io", "charm.land"}},
		{"liaison/sync/outbox", []string{"liaison/sync", "liaison/station/ledger"}, []string{"go.etcd.io", "charm.land"}},
		{"liaison/sync/inbox", []string{"liaison/sync", "liaison/station/ledger"}, []string{"go.etcd.io", "charm.land"}},
	} {
		for _, pkg := range packages(t, rule.who) {
			for _, d := range deps(t, pkg) {
				if under(d, "liaison") && !under(d, rule.own...) {
					t.Errorf("%s rests on %s", pkg, d)
				}
				if under(d, rule.others...) {
					t.Errorf("%s rests on %s", pkg, d)
				}
			}
		}
	}
	for _, pkg := range []string{"liaison/station", "liaison/tui"} {
		for _, d := range deps(t, pkg) {
			if under(d, "liaison/station/ledger/bolt", "liaison/sync") {
				t.Errorf("%s rests on %s", pkg, d)
			}
		}
	}
}

// TestTopLevel: nothing at the top but the owner's names; no Go file directly
// in sync, whose name would collide with Go's own package.
func TestTopLevel(t *testing.T) {
	allowed := map[string]bool{"cmd": true, "tui": true, "station": true, "sync": true, "go.mod": true, "go.sum": true, "README.md": true, "LICENSE": true}
	out, err := exec.Command("git", "ls-files", "--full-name", "..").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range strings.Fields(string(out)) {
		top, _, _ := strings.Cut(f, "/")
		if !allowed[top] && !strings.HasPrefix(top, ".") {
			t.Errorf("%s at the top level", top)
		}
	}
	files, err := filepath.Glob(filepath.Join("..", "sync", "*.go"))
	if err != nil || len(files) > 0 {
		t.Errorf("Go files in sync: %v %v", files, err)
	}
	if _, err := os.Stat(filepath.Join("..", "go.mod")); err != nil {
		t.Fatal(err)
	}
}
