package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"liaison/station"
)

// TestCommandsLeaveAnAuditLine: what shows or takes out names, imports,
// backups and refusals are in the log, with how they ended; records and counts
// are untouched by it.
func TestCommandsLeaveAnAuditLine(t *testing.T) {
	t.Parallel()
	f := newStation(t)
	number := strings.TrimSpace(f.okIn(line("王小明", "路灯不亮")+"\n", "add"))
	f.ok("show", number)
	f.ok("show", number+"/1")            // names nobody: no line
	f.ok("list", "receptions")           // masked: no line
	f.ok("list", "receptions", "--json") // in full
	f.ok("export", "receptions", f.dir+"-out.csv")
	f.ok("backup", f.dir+"-copy")
	f.no("", "import", "deputies", f.dir+"-nothing.csv")

	var acts []string
	for l := range strings.Lines(f.ok("audit", "--json")) {
		var a station.AuditLine
		if err := json.Unmarshal([]byte(l), &a); err != nil {
			t.Fatal(err)
		}
		sign := "+"
		if !a.OK {
			sign = "-"
		}
		acts = append(acts, sign+string(a.Act))
		if strings.Contains(l, "王小明") || strings.Contains(l, f.dir) {
			t.Errorf("the line says too much: %s", l)
		}
	}
	want := "-import +backup +export +export +reveal"
	if got := strings.Join(acts, " "); got != want {
		t.Errorf("acts %q, want %q", got, want)
	}
	if only := f.ok("audit", "--act", "reveal"); !strings.Contains(only, number) || strings.Contains(only, "import") {
		t.Errorf("filtered:\n%s", only)
	}
	if s := f.ok("status", "--json"); !strings.Contains(s, `"entries":5`) {
		t.Errorf("audit lines are counted among the records: %s", s)
	}
}

// TestABackupNeverReplacesTheLedger: the data file itself is no place for a
// copy, also under another spelling of its name.
func TestABackupNeverReplacesTheLedger(t *testing.T) {
	t.Parallel()
	f := newStation(t)
	f.okIn(line("王小明", "路灯不亮")+"\n", "add")
	for _, name := range []string{f.dir + "/ledger.db", f.dir + "/../" + filepath.Base(f.dir) + "/ledger.db"} {
		wants(t, f.no("", "backup", name), "正在使用")
	}
	f.ok("check")
}
