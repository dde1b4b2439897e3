package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"liaison/cmd/report"
	"liaison/station"
)

func TestAddKeepsGoodLinesAndNamesBadOnes(t *testing.T) {
	f := newStation(t)
	bad := []struct{ line, why string }{
		{`{"bad":1,"matters":[]}`, "bad"},
		{strings.Replace(line("王", "x"), `"category":"12"`, `"category":"99"`, 1), "matters[0].category"},
		{strings.Replace(line("王", "x"), `2026-11-23T09:12:00+08:00`, `昨天`, 1), "2026-11-23T09:12:00+08:00"},
		{strings.Replace(line("王", "x"), `"2026-11-23T09:12:00+08:00"`, `"2026-02-30T09:12:00+08:00"`, 1), "时间"},
		{strings.Replace(line("王", "x"), `2026-11-23`, `1826-11-23`, 1), "at"},
		{line("王", "x")[1:], "JSON"},
		{line("王", "x") + "}", "多余"},
		{line("王", "x")[:40], "JSON"},
		{`["a"]`, "JSON"},
		{`null`, "matters"},
		{strings.Replace(line("王", "x"), `"persons":1`, `"persons":"one"`, 1), "persons"},
		{strings.Replace(line("王", "x"), `"persons":1`, `"persons":1,"persons":2`, 1), "persons"},
		{strings.Replace(line("王", "x"), `"persons":1`, `"persons":1,"Persons":2`, 1), "两次"},
		{strings.Replace(line("王", "x"), `13800138000`, `1380013800`, 1), "voter.phone"},
		{strings.Replace(line("王", "x"), `"channel":"walkin"`, `"channel":"pigeon"`, 1), "channel"},
		{strings.Replace(line("王", "x"), "王", "\xff\xfe", 1), "UTF-8"},
		{line("王", strings.Repeat("长", 1<<20/3)), "matters[0].content"}, // 1 MiB in one field
		{line(strings.Repeat("名", 1<<20/3), "x"), "voter.name"},
	}
	var in strings.Builder
	in.WriteString("\ufeff" + line("第一", "好的一行") + "\r\n\n   \n") // a mark, CRLF, blanks
	for _, b := range bad {
		in.WriteString(b.line + "\n")
	}
	in.WriteString(strings.Repeat(" ", maxAddLine) + "{}\n") // too long to be read
	in.WriteString(line("最后", "没有换行的最后一行"))
	r := f.run(in.String(), "add", "-")
	if r.code != exitFailed {
		t.Errorf("code %d", r.code)
	}
	if n := strings.Count(r.out, "\n"); n != 2 {
		t.Errorf("%d numbers, want 2:\n%s", n, r.out)
	}
	said := strings.Split(strings.TrimSpace(r.errs), "\n")
	if len(said) != len(bad)+1 {
		t.Fatalf("%d lines named, want %d:\n%s", len(said), len(bad)+1, r.errs)
	}
	for i, b := range bad {
		wants(t, said[i], fmt.Sprintf("line %d: ", i+4), b.why, " / ")
	}
	wants(t, said[len(bad)], "MiB")
	if n := len(objects[report.Reception](t, f.ok("list", "receptions", "--json"))); n != 2 {
		t.Errorf("%d receptions recorded, want 2", n)
	}
	wants(t, f.ok("check"), "完好")
}

func TestTheSameRefIsRecordedOnce(t *testing.T) {
	f := newStation(t)
	in := strings.Replace(line("王小明", "路灯"), `{`, `{"ref":"wechat-7",`, 1) + "\n"
	first := f.okIn(in, "add")
	if again := f.okIn(in+in, "add"); again != first+first {
		t.Errorf("first %q, again %q", first, again)
	}
	if n := len(objects[report.Reception](t, f.ok("list", "receptions", "--json"))); n != 1 {
		t.Errorf("%d receptions", n)
	}
}

// TestNoEscapeComesBackOut: whatever control characters go into whichever
// field, what lists and shows print has none.
func TestNoEscapeComesBackOut(t *testing.T) {
	f := newStation(t)
	const evil = `\u001b]0;x\u0007\u001b[31m\u009b2J\u202e\u200b\u0000\r`
	in := `{"at":"2026-11-23T09:12:00+08:00","ref":"r` + evil + `","session":{"topic":"themed","theme":"主题` + evil + `","where":"那里` + evil + `","deputies":["D` + evil + `1"]},` +
		`"voter":{"name":"王` + evil + `明","address":"东门` + evil + `","village":"321181002001"},` +
		`"matters":[{"title":"题` + evil + `","content":"内容` + evil + `","category":"12","reply":"答` + evil + `","deputy":"代表` + evil + `"}]}` + "\n"
	number := strings.TrimSpace(f.okIn(in, "add"))
	for _, args := range [][]string{{"list", "receptions"}, {"list", "matters"}, {"list", "sessions"}, {"list", "receptions", "--json"},
		{"show", number}, {"show", number, "--json"}, {"export", "matters", "-", "--format", "csv"}} {
		out := f.ok(args...)
		if strings.ContainsAny(out, "\x1b\x07\x00\u009b\u202e\u200b") || strings.Contains(out, "[31m") ||
			strings.Contains(out, `\u001b`) {
			t.Errorf("kiosk %q lets through: %q", args, out)
		}
	}
	r := f.run("", "show", "\x1b[31mX\x1b]0;t\x07")
	sentenceOnly(t, r.errs)
	r = f.run("", "\x1b[31mlist")
	sentenceOnly(t, r.errs)
}

func TestAnInputThatBreaksOffSaysHowFarItGot(t *testing.T) {
	f := newStation(t)
	in := io.MultiReader(strings.NewReader(line("王", "一")+"\n"+line("李", "二")+"\n{\"half"), iotest.ErrReader(errors.New("unplugged")))
	r := f.runWith(t.Context(), in, "add")
	if r.code != exitFailed || strings.Count(r.out, "\n") != 2 {
		t.Errorf("code %d, printed %q", r.code, r.out)
	}
	wants(t, r.errs, "3")
	sentenceOnly(t, r.errs)
}

func TestANumberThatCannotBePrintedStopsTheAdding(t *testing.T) {
	f := newStation(t)
	var errs bytes.Buffer
	err := run(t.Context(), []string{"add", "--data", f.dir}, nil, strings.NewReader(line("王", "一")+"\n"+line("李", "二")+"\n"), full{}, &errs)
	if code := settle(&errs, nil, err); code != exitFailed {
		t.Errorf("code %d", code)
	}
	wants(t, errs.String(), "QA01-26A-0001")
	if n := len(objects[report.Reception](t, f.ok("list", "receptions", "--json"))); n != 1 {
		t.Errorf("%d receptions, want the one that was named", n)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestALongLineIsPassedOverAndTheNextOneRead(t *testing.T) {
	l := newLineReader(strings.NewReader("abc\n"+strings.Repeat("x", 200_000)+"\nde\r\n\nf"), 100_000)
	for _, want := range []string{"abc", "!", "de", "", "f"} {
		got, err := l.next()
		if want == "!" {
			if !errors.Is(err, errLongLine) {
				t.Errorf("%v for a long line", err)
			}
			continue
		}
		if err != nil || string(got) != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	if _, err := l.next(); err != io.EOF {
		t.Errorf("%v at the end", err)
	}
}

// FuzzParseReception: any bytes give a reception or a sentence.
func FuzzParseReception(f *testing.F) {
	f.Add([]byte(line("王小明", "路灯")))
	f.Add([]byte(`{"matters":[{"content":"x","category":"11"}],"voter":{"anonymous":true}}`))
	f.Add([]byte("{\"a\":{\"b\":[1,{\"b\":2,\"b\":3}]}}"))
	f.Add([]byte("\ufeff{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := parseReception(b)
		if err == nil {
			return
		}
		p := station.Say(err)
		if p.Code != "line" || p.ZH == "" || p.EN == "" {
			t.Errorf("%q: %+v", b, p)
		}
		if strings.ContainsAny(p.ZH+p.EN, "\x1b\x07\n") {
			t.Errorf("%q lets a control character into the sentence %q", b, p.ZH)
		}
	})
}

// FuzzLines: a line reader gives exactly the lines that are there.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb\r\n\nc"), 10)
	f.Add([]byte(strings.Repeat("y", 70_000)+"\nz"), 66_000)
	f.Fuzz(func(t *testing.T, b []byte, limit int) {
		limit = max(1, limit%100_000)
		l := newLineReader(bytes.NewReader(b), limit)
		for i, want := range bytes.SplitAfter(b, []byte("\n")) {
			if len(want) == 0 {
				continue // nothing follows the last line's end
			}
			got, err := l.next()
			if l.n != i+1 {
				t.Fatalf("line %d is numbered %d", i+1, l.n)
			}
			if len(want) > limit {
				if !errors.Is(err, errLongLine) {
					t.Fatalf("line %d of %d bytes: %v", i+1, len(want), err)
				}
				continue
			}
			if err != nil || !bytes.Equal(got, bytes.TrimRight(want, "\r\n")) {
				t.Fatalf("line %d: %q, %v; want %q", i+1, got, err, want)
			}
		}
		if _, err := l.next(); err != io.EOF {
			t.Fatalf("%v at the end", err)
		}
	})
}
