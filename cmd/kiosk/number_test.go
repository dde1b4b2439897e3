package main

import (
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"liaison/cmd/report"
)

// TestANewMachineOfAStationGaveNumbersAgain: the kiosk was stolen, its key
// revoked, and the machine that came in its place gave the first voter the
// number of the old machine's first voter; the same happened to the second
// machine that was restored from one backup. What the city holds comes with the
// enrolment, and with the restore, before a number is given.
func TestANewMachineOfAStationGaveNumbersAgain(t *testing.T) {
	c := newCity(t, (*httptest.Server).Start)
	add := func(f folder, name string) string {
		t.Helper()
		return strings.TrimSpace(f.okIn(line(name, name+"说的事")+"\n", "add"))
	}
	old := newStation(t)
	old.ok("enroll", c.srv.URL, c.code())
	first := add(old, "王小明")
	old.ok("sync")
	if err := c.in.Revoke(t.Context(), "QA01"); err != nil {
		t.Fatal(err)
	}

	f := newStation(t)
	f.ok("enroll", c.srv.URL, c.code())
	second := add(f, "李四")
	backup := filepath.Join(t.TempDir(), "copy.db")
	f.ok("backup", backup)
	given := map[string]bool{first: true, second: true}
	for range 2 { // the same backup on two machines
		g := newFolder(t)
		g.ok("restore", backup)
		n := add(g, "赵五")
		g.ok("sync")
		given[n] = true
	}
	if len(given) != 4 {
		t.Errorf("four voters have the numbers %v", given)
	}
}

// TestTwoOfOneNumberAreToldApart: where a number was given twice all the same,
// since the new machine had no line, the commands took the first of the two for
// the one that was meant: an erasure destroyed the other voter's words.
func TestTwoOfOneNumberAreToldApart(t *testing.T) {
	c := newCity(t, (*httptest.Server).Start)
	old := newStation(t)
	old.ok("enroll", c.srv.URL, c.code())
	old.okIn(line("王小明", "王小明说的事")+"\n", "add")
	old.ok("sync")
	if err := c.in.Revoke(t.Context(), "QA01"); err != nil {
		t.Fatal(err)
	}
	f := newStation(t)
	n := strings.TrimSpace(f.okIn(line("李四", "李四说的事")+"\n", "add"))
	f.ok("enroll", c.srv.URL, c.code())

	words := map[string]string{}
	for _, r := range objects[report.Reception](t, f.ok("list", "receptions", "--json")) {
		words[r.ID] = r.Number
	}
	if len(words) != 2 {
		t.Fatalf("the list has %v", words)
	}
	for _, args := range [][]string{{"show", n}, {"show", n + "/1"}, {"step", n + "/1", "note", "--note", "x"}, {"erase", n, "--reason", "本人要求", "--content"}, {"paper", n}} {
		wants(t, f.no("", args...), "两台机器都用过编号 "+n)
	}
	said := ""
	for id, number := range words {
		if number != n {
			t.Errorf("%s has the number %s", id, number)
		}
		wants(t, f.no("", "show", n), id)
		b, _ := json.Marshal(objects[report.Reception](t, f.ok("show", strings.ToUpper(id), "--json")))
		said += string(b)
		wants(t, f.ok("step", id+"/1"), "")
		f.no("", "step", id+"/2")
	}
	wants(t, said, "王小明说的事", "李四说的事")
	next := strings.TrimSpace(f.okIn(line("钱六", "钱六说的事")+"\n", "add"))
	if next == n {
		t.Errorf("the number %s is given once more", n)
	}
}
