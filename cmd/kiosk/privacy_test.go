package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingPersonalWhereItCanBeRead: what was typed through every door stands
// in no raw file, no file name, no log and no line of the audit log; not as a
// draft, not as a reference, not as a correction's old value. The control: with
// the key it is all there.
func TestNothingPersonalWhereItCanBeRead(t *testing.T) {
	f := newStation(t)
	said, _ := serve(t, f, "--ssh", "127.0.0.1:0")
	guest := newGuest(t, sshAddr.FindString(said))
	f.ok("user", "add", "张敏", "--role", "attendant", "--key", guest.pub)
	secrets := []string{"欧阳买提", "13800138000", "13900139000", "321181190001010016", "三号楼东单元", "wx-ouyang-8841", "东门的污水井"}
	one := `{"ref":"wx-ouyang-8841","voter":{"name":"欧阳买提","phone":"13800138000","address":"三号楼东单元","idcard":"321181190001010016"},"matters":[{"content":"东门的污水井冒水","category":"16","disposition":"city"}]}` + "\n"
	number := strings.TrimSpace(f.okIn(one, "add", "-"))
	if r := guest.run(strings.Replace(one, "8841", "8842", 1), "add"); r.code != 0 {
		t.Fatalf("over SSH: %+v", r)
	}
	f.ok("list", "receptions", "--search", "欧阳买提", "--json")
	f.ok("show", number)
	f.no("", "show", "13800138000")
	f.no("", "erase", number, "--reason", "本人欧阳买提要求")
	guest.run("", "list receptions --search 13800138000")
	f.ok("backup")
	f.ok("audit", "--json")

	log := f.ok("audit", "--json")
	files := 0
	err := filepath.WalkDir(f.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		files++
		for _, s := range secrets {
			if strings.Contains(string(raw), s) && filepath.Ext(path) != ".backup" {
				t.Errorf("%q can be read in %s", s, filepath.Base(path))
			}
			if strings.Contains(path, s) {
				t.Errorf("%q is in a file's name", s)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if strings.Contains(log, s) {
			t.Errorf("%q is in the audit log", s)
		}
	}
	if out := f.ok("show", number, "--json"); !strings.Contains(out, secrets[0]) || !strings.Contains(out, secrets[1]) {
		t.Errorf("the control: %s", out)
	}
	t.Logf("%d texts looked for in %d files and %d audit lines, found 0", len(secrets), files, strings.Count(log, "\n"))
}
