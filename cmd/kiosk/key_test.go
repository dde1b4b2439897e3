package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// at runs a command in a process of its own, without a terminal, with more in
// its environment.
func (f folder) at(env []string, stdin string, args ...string) (out, errs string, err error) {
	f.t.Helper()
	c := f.command(args...)
	c.Env = append(c.Env, env...)
	c.Stdin = strings.NewReader(stdin)
	var o, e bytes.Buffer
	c.Stdout, c.Stderr = &o, &e
	err = c.Run()
	return o.String(), e.String(), err
}

// TestTheKeyMayBeAPassphrase: from a key file to a passphrase and back, without
// a value being written anew; without it nothing opens, and the sentence says
// how to give it. Both suites.
func TestTheKeyMayBeAPassphrase(t *testing.T) {
	for _, suite := range []string{"aes", "sm4"} {
		t.Run(suite, func(t *testing.T) {
			f := newFolder(t)
			f.ok("init", "--station", "QA01", "--name", "曲阿", "--suite", suite)
			number := strings.TrimSpace(f.okIn(line("王小明", "路灯不亮")+"\n", "add"))
			wants(t, f.ok("key"), "钥匙文件")
			db := filepath.Join(f.dir, "ledger.db")
			before, err := os.ReadFile(db)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "phrase")
			if err := os.WriteFile(file, []byte("站里的长句子 correct horse 42\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, errs, err := f.at(nil, "123\n", "key", "passphrase"); err == nil || !strings.Contains(errs, "太简单") {
				t.Errorf("a simple one was taken: %s", errs)
			}
			if out, errs, err := f.at(nil, "站里的长句子 correct horse 42\n", "key", "passphrase"); err != nil || !strings.Contains(out, "口令") {
				t.Fatalf("to a passphrase: %s%s%v", out, errs, err)
			}
			after, err := os.ReadFile(db)
			if err != nil {
				t.Fatal(err)
			}
			if changed := differ(before, after); changed > len(before)/4 {
				t.Errorf("%d of %d bytes of the file changed", changed, len(before))
			}
			if _, err := os.Stat(filepath.Join(f.dir, "ledger.key")); err == nil {
				t.Error("the key file is there still")
			}
			if _, errs, err := f.at(nil, "", "list", "receptions"); err == nil || !strings.Contains(errs, "LIAISON_PASSPHRASE_FILE") {
				t.Errorf("opened without it: %s", errs)
			}
			env := []string{"LIAISON_PASSPHRASE_FILE=" + file}
			if out, errs, err := f.at(env, "", "list", "receptions"); err != nil || !strings.Contains(out, number) {
				t.Errorf("with it: %s%s%v", out, errs, err)
			}
			if out, errs, err := f.at(env, "", "check"); err != nil { // whose child needs it, too
				t.Errorf("check: %s%s%v", out, errs, err)
			}
			if err := os.Remove(db); err != nil { // rebuilt from the second copy, which carries the key in its new wrapping
				t.Fatal(err)
			}
			if out, _, err := f.at(env, "", "show", number, "--json"); err != nil || !strings.Contains(out, "王小明") {
				t.Errorf("rebuilt: %s%v", out, err)
			}
			if out, errs, err := f.at(env, "", "key", "file"); err != nil || !strings.Contains(out, "钥匙文件") {
				t.Fatalf("back to a file: %s%s%v", out, errs, err)
			}
			wants(t, f.ok("list", "receptions"), number)
		})
	}
}

func differ(a, b []byte) int {
	n := 0
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}
