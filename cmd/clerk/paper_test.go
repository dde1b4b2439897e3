package clerk_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/cmd/clerk"
	"liaison/station"
)

// TestThePrintService: a paper goes to the queue that the settings name, with
// its number for a title; a service that refuses, hangs or is not there is said
// in a sentence of its own.
func TestThePrintService(t *testing.T) {
	dir := t.TempDir()
	script := func(name, body string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	page := []station.Paper{{Kind: station.PaperSlip, Size: station.A5, Title: "接待选民回执", Office: "曲阿街道代表联络站", Number: "QA01-26A-0001-7/1",
		Blocks: []station.PaperBlock{{Kind: station.BlockPairs, Pairs: []station.PaperPair{{Label: "选民", Value: "王小明"}}}}}}
	out := filepath.Join(dir, "printed")
	p := clerk.Printer{Settings: func() station.Settings { return station.Settings{Printer: "HP_1"} }, Command: script("lp", `echo "$@" > `+out+`; cat >> `+out)}
	if err := p.Print(t.Context(), page, 2); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	words, paper, _ := strings.Cut(string(b), "\n")
	if words != "-t QA01-26A-0001-7/1 -o media=A5 -d HP_1 -" || !strings.Contains(paper, "王小明") || strings.Count(paper, "接待选民回执") != 2 {
		t.Errorf("lp was given %q and\n%s", words, paper)
	}
	for name, x := range map[string]struct {
		p    clerk.Printer
		want string
	}{
		"refuses":      {clerk.Printer{Settings: p.Settings, Command: script("no", "exit 3")}, "代码 3"},
		"hangs":        {clerk.Printer{Settings: p.Settings, Command: script("hang", "exec sleep 60"), Patience: 100 * time.Millisecond}, "没有应答"},
		"is not there": {clerk.Printer{Settings: p.Settings, Command: "no-such-print-service"}, "没有打印服务"},
	} {
		err := x.p.Print(t.Context(), page, 1)
		if said := station.Say(err); err == nil || !strings.Contains(said.ZH, x.want) || said.EN == "" || strings.Contains(said.ZH, "王小明") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
