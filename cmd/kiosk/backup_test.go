package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheMachineIsStolen: what is left is a backup on another disk and a sheet
// of paper. With the two everything comes back on another machine, names and
// phones too; with one of them nothing does.
func TestTheMachineIsStolen(t *testing.T) {
	f := newStation(t)
	paper := filepath.Join(t.TempDir(), "恢复钥匙.txt")
	if r := f.run("", "recovery"); !strings.Contains(r.out, "还没有恢复钥匙") {
		t.Errorf("before there is a key: %+v", r)
	}
	if r := f.run("", "recovery", "new", filepath.Join(f.dir, "key.txt")); r.code == 0 {
		t.Error("a recovery key was written beside the data")
	}
	f.ok("recovery", "new", paper)
	if r := f.run("", "recovery", "new", paper); r.code == 0 {
		t.Error("a recovery key was written over another one")
	}
	if list := f.ok("recovery"); strings.Count(list, "age1") != 1 || strings.Contains(list, "SECRET") {
		t.Errorf("recovery lists %q", list)
	}
	number := strings.TrimSpace(f.okIn(`{"voter":{"name":"王小明","phone":"13800138000"},"matters":[{"content":"路灯不亮","category":"11"}]}`, "add", "-"))
	f.ok("backup")
	list := f.ok("backup", "--list")
	if strings.Count(list, "\n") != 1 || !strings.Contains(list, filepath.Join(f.dir, "backup")) {
		t.Errorf("generations: %q", list)
	}
	if out := f.ok("rehearse"); !strings.Contains(out, "演练成功") {
		t.Errorf("rehearsal: %q", out)
	}
	saved := filepath.Join(t.TempDir(), "station.backup")
	f.ok("backup", saved)
	if raw, err := os.ReadFile(saved); err != nil || !bytes.HasPrefix(raw, []byte("age-encryption.org/")) {
		t.Errorf("the backup is not sealed: %v", err)
	}

	// Somebody finds the backup alone.
	g := newFolder(t)
	if r := g.run("", "restore", saved); r.code == 0 || !strings.Contains(r.errs, "恢复钥匙") {
		t.Errorf("without the paper: %+v", r)
	}
	wrong := filepath.Join(t.TempDir(), "other.txt")
	newStation(t).ok("recovery", "new", wrong)
	if r := g.run("", "restore", saved, "--recovery", wrong); r.code == 0 || !strings.Contains(r.errs, "另一把钥匙") {
		t.Errorf("with another station's paper: %+v", r)
	}
	if r := g.run("", "restore", saved, "--recovery", saved); r.code == 0 || !strings.Contains(r.errs, "没有恢复钥匙") {
		t.Errorf("with something that is no key: %+v", r)
	}

	// With the paper, on a new machine.
	g.ok("restore", saved, "--recovery", paper)
	if out := g.ok("show", number, "--json"); !strings.Contains(out, "王小明") || !strings.Contains(out, "13800138000") {
		t.Errorf("what came back: %s", out)
	}
	g.ok("check")
	if next := g.okIn(`{"voter":{"name":"李四","phone":"无"},"matters":[{"content":"停车难","category":"12"}]}`, "add", "-"); !strings.HasPrefix(next, "QA01-26B-") {
		t.Errorf("the next number is %s", next)
	}
	g.ok("backup")
	g.ok("rehearse")
}

// TestRestoreRefusesWhatIsNotSound: a backup is verified before it replaces
// anything, and the station that is there goes on as it was.
func TestRestoreRefusesWhatIsNotSound(t *testing.T) {
	f := newStation(t)
	paper := filepath.Join(t.TempDir(), "paper.txt")
	f.ok("recovery", "new", paper)
	number := strings.TrimSpace(f.okIn(`{"voter":{"name":"王小明","phone":"13800138000"},"matters":[{"content":"路灯不亮","category":"11"}]}`, "add", "-"))
	saved := filepath.Join(t.TempDir(), "station.backup")
	f.ok("backup", saved)
	raw, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	for what, bad := range map[string][]byte{"cut short": raw[:len(raw)-100], "changed": append(bytes.Clone(raw[:len(raw)/2]), append([]byte{raw[len(raw)/2] ^ 1}, raw[len(raw)/2+1:]...)...), "no backup": []byte("姓名,电话\n")} {
		path := filepath.Join(t.TempDir(), "bad")
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"restore", "rehearse"} {
			if r := f.run("", word, path, "--recovery", paper); r.code == 0 || !strings.Contains(r.errs, "没有改动任何数据") {
				t.Errorf("%s of a backup that is %s: %+v", word, what, r)
			}
		}
	}
	f.ok("show", number)
	if aside, _ := filepath.Glob(filepath.Join(f.dir, "*.2*Z")); len(aside) > 0 {
		t.Errorf("set aside: %v", aside)
	}
}
