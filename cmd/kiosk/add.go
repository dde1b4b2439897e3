package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"liaison/station"
	"liaison/station/typed"
)

// maxAddLine is the longest line that `add` takes, in bytes. Content of 20,000
// characters in four matters fits.
const maxAddLine = 2 << 20

// runAdd records receptions from JSON lines. Each number is printed as soon as
// that reception is durable. Good lines are kept whatever stands beside them;
// bad ones are named with their number and reason, and then it fails.
func runAdd(ctx context.Context, inv *invocation) error {
	inv.flagSet()
	args, err := inv.parse(0, 1)
	if err != nil {
		return err
	}
	in, err := inv.open(args)
	if err != nil {
		return err
	}
	defer in.Close()
	lines := newLineReader(in, maxAddLine)
	bad := false
	for {
		line, err := lines.next()
		if ctx.Err() != nil {
			return stopped(ctx)
		}
		if err == io.EOF {
			break
		}
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err != nil && !errors.Is(err, errLongLine) {
			return refuse(err, "输入在第 %[1]d 行中断,后面的没有读到;前面的已按所印编号存好", "the input broke off at line %[1]d and the rest was not read; what was printed is recorded", lines.n)
		}
		var number station.Number
		if err == nil {
			number, err = inv.addLine(line)
		}
		if err != nil {
			if stopsAdding(err) {
				return fmt.Errorf("line %d: %w", lines.n, err)
			}
			bad = true
			fmt.Fprintf(inv.stderr, "第 %d 行 / line %d: %s\n", lines.n, lines.n, sentence(inv.kiosk.log, err))
			continue
		}
		if _, err := fmt.Fprintln(inv.stdout, number); err != nil {
			return refuse(err, "编号印不出去,停在第 %[1]d 行;这一行已存好,编号 %[2]s", "the numbers cannot be printed; stopped at line %[1]d, which is recorded as %[2]s", lines.n, number)
		}
	}
	if bad {
		return errSaid
	}
	return nil
}

// stopsAdding reports an error that is not the line's: trying the next one
// would fail as well, or make matters worse.
func stopsAdding(err error) bool {
	if _, ok := station.FieldsOf(err); ok {
		return false
	}
	_, line := errors.AsType[typed.Problem](err)
	return !line && !errors.Is(err, errLongLine)
}

// addLine records one line.
func (inv *invocation) addLine(line []byte) (station.Number, error) {
	r, err := parseReception(line)
	if err != nil {
		return "", err
	}
	s, err := inv.kiosk.desk.Receive(inv.who, r, false, "")
	return s.Number, err
}

// parseReception reads one JSON line strictly: one object, known fields, no
// field twice, UTF-8. The error is a typed.Problem.
func parseReception(line []byte) (station.Reception, error) {
	var r station.Reception
	if !utf8.Valid(line) {
		return r, lineProblem("不是 UTF-8 编码,请转码后再导入。", "This is not UTF-8 text; convert it and try again.")
	}
	line = bytes.TrimPrefix(line, []byte("\ufeff"))
	if name, twice := doubled(line); twice {
		return r, lineProblem("字段“"+clip(name)+"”写了两次。", "The field “"+clip(name)+"” stands there twice.")
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return station.Reception{}, jsonProblem(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return station.Reception{}, lineProblem("一行里只能有一条登记,后面还有多余的内容。", "A line holds one reception; something follows it.")
	}
	return r, nil
}

func lineProblem(zh, en string) typed.Problem { return typed.Problem{Code: "line", ZH: zh, EN: en} }

// jsonProblem says in words what the decoder found.
func jsonProblem(err error) typed.Problem {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := clip(e.Field)
		if field == "" {
			return lineProblem("应是一个 JSON 对象 {…}。", "This should be one JSON object {…}.")
		}
		return lineProblem("字段“"+field+"”的类型不对,这里不能是 "+e.Value+"。", "The field “"+field+"” cannot hold a JSON "+e.Value+".")
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return lineProblem(fmt.Sprintf("不是完整的 JSON,第 %d 个字节处读不下去。", e.Offset), fmt.Sprintf("This is not JSON; it cannot be read at byte %d.", e.Offset))
	}
	// The decoder has no type for this one.
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = clip(strings.Trim(name, `"`))
		return lineProblem("没有“"+name+"”这个字段,请核对拼写。", "There is no field “"+name+"”; check its spelling.")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return lineProblem("JSON 没有写完。", "The JSON breaks off.")
	}
	return lineProblem("接待时间或某个值的写法不对;时间应写作 2026-11-23T09:12:00+08:00。", "The time or another value is not written as it should be; a time looks like 2026-11-23T09:12:00+08:00.")
}

// doubled finds a field that one object names twice: encoding/json would take
// the last one and say nothing. What is not JSON is left to the decoder.
func doubled(line []byte) (name string, twice bool) {
	d := json.NewDecoder(bytes.NewReader(line))
	var open []map[string]bool // names met in each open object; nil for an array
	key := false               // the next string is a name
	for {
		t, err := d.Token()
		if err != nil {
			return "", false
		}
		top := func() map[string]bool {
			if len(open) == 0 {
				return nil
			}
			return open[len(open)-1]
		}
		switch t := t.(type) {
		case json.Delim:
			switch t {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
			}
			key = top() != nil
			continue
		case string:
			if key {
				if low := strings.ToLower(t); top()[low] { // the decoder takes either case
					return t, true
				} else {
					top()[low] = true
				}
				key = false
				continue
			}
		}
		key = top() != nil
	}
}

var errLongLine = typed.Problem{Code: "line-long",
	ZH: fmt.Sprintf("这一行超过 %d MiB,没有读入。", maxAddLine>>20), EN: fmt.Sprintf("This line is longer than %d MiB and was not read.", maxAddLine>>20)}

// A lineReader gives lines and numbers them. A line that is too long is
// passed over as a whole, and what follows it is read.
type lineReader struct {
	r     *bufio.Reader
	limit int
	n     int // number of the line last given
	buf   []byte
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 64<<10), limit: limit}
}

// next returns the next line without its end, valid until the following call;
// io.EOF at the end, errLongLine for one that is too long, or the input's own
// error, after which the half-read line is not a line.
func (l *lineReader) next() ([]byte, error) {
	l.buf = l.buf[:0]
	l.n++
	long := false
	for {
		part, err := l.r.ReadSlice('\n')
		if len(l.buf)+len(part) > l.limit {
			long = true
			l.buf = l.buf[:0]
		} else if !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
		case err == nil, err == io.EOF && (long || len(l.buf) > 0):
			if long {
				return nil, errLongLine
			}
			return bytes.TrimRight(l.buf, "\r\n"), nil
		default:
			return nil, err
		}
	}
}
