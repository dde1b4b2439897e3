package main

import (
	"bytes"
	"strings"
	"testing"

	"liaison/station"
	"liaison/station/ledger"
)

// TestOneReceptionThatCannotBeReadHidesNoOther: lists and exports give the rest
// and say which one is missing, in the process that has had it on its lists and
// in one that starts.
func TestOneReceptionThatCannotBeReadHidesNoOther(t *testing.T) {
	f := newStation(t)
	k, err := openKiosk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	var gone ledger.ID
	for _, name := range []string{"王小明", "李四", "赵六"} {
		s, err := k.desk.Receive(owner(), station.Reception{Voter: station.InVoter{Name: name, Phone: "13800138000"},
			Matters: []station.Issue{{Content: "路灯不亮", Category: "11"}}}, false, "")
		if err != nil {
			t.Fatal(err)
		}
		if name == "李四" {
			gone = s.ID
		}
		numbers = append(numbers, string(s.Number))
	}
	if err := k.desk.Warm(); err != nil {
		t.Fatal(err)
	}
	rec, err := k.led.Record(station.KindVisit, gone)
	if err == nil {
		_, err = k.led.Erase(t.Context(), "x", rec.Ref)
	}
	if err != nil {
		t.Fatal(err)
	}
	look := func(when string) {
		t.Helper()
		for _, line := range []string{"list receptions", "list receptions --json", "list matters", "list matters --json", "export receptions - --format csv", "export matters - --format csv"} {
			cmd, args, err := find(strings.Fields(line))
			if err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			inv := &invocation{cmd: cmd, args: args, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, who: owner(), local: true, kiosk: k}
			code := settle(&errs, k.log, inv.carryOut(t.Context()))
			sentenceOnly(t, errs.String())
			if code == 0 || !strings.Contains(errs.String(), "1 条登记读不出来") || !strings.Contains(errs.String(), numbers[1]) || !strings.Contains(errs.String(), "kiosk check") {
				t.Errorf("%s, %s: code %d, it says %s", when, line, code, errs.String())
			}
			for i, n := range numbers {
				if strings.Contains(out.String(), n) != (i != 1) {
					t.Errorf("%s, %s: %s: %s", when, line, n, out.String())
				}
			}
		}
	}
	look("while it runs")
	if err := k.close(); err != nil {
		t.Fatal(err)
	}
	if k, err = openKiosk(f.dir); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = k.close() }()
	look("after a start")
}
