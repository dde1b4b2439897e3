package station

import (
	"fmt"
	"strconv"
	"strings"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// A Number is what a person reads aloud: QA01-26A-0123-K. Station, year,
// letter of the epoch, running number, check character (ISO 7064 MOD 37,36)
// over the letters and digits before it. Given once at save, never reused. A
// session's running number begins with S.
type Number string

// makeNumber builds a number; mark is "" for a reception, "S" for a session.
func makeNumber(station string, year int, letter, mark string, n int) Number {
	s := fmt.Sprintf("%s-%02d%s-%s%04d", station, year%100, letter, mark, n)
	c, err := typed.Check3736(strings.ReplaceAll(s, "-", ""))
	if err != nil {
		c = '?' // a station code is checked at init; it cannot hold anything else
	}
	return Number(s + "-" + string(c))
}

// Matter is the number of the n-th matter of a reception.
func (n Number) Matter(i int) string { return fmt.Sprintf("%s/%d", n, i) }

// ParseNumber reads a reception's, matter's or session's number as people
// type it: lower case, full width, with or without hyphens. matter is 0 where
// none was named.
func ParseNumber(s string) (n Number, matter int, err error) {
	s = strings.ToUpper(strings.TrimSpace(typed.Fold(s)))
	whole := s
	s, rest, slash := strings.Cut(s, "/")
	if slash {
		rest = strings.TrimSpace(rest)
		matter, err = strconv.Atoi(rest)
		if err != nil || !digitsOnly(rest) || matter < 1 || matter > maxMatters {
			return "", 0, badNumber(whole)
		}
	}
	s = strings.NewReplacer("-", "", " ", "").Replace(s)
	p, ok := splitNumber(s)
	if !ok {
		return "", 0, badNumber(whole)
	}
	n = makeNumber(p.station, p.year, p.letter, p.mark, p.run)
	if n[len(n)-1] != s[len(s)-1] {
		return "", 0, typed.Problem{Code: "number-check",
			ZH: "编号 " + quote(whole) + " 的校验字符不对,请核对是否有一位记错。",
			EN: "The check character of " + quote(whole) + " does not fit; one character was probably misread."}
	}
	return n, matter, nil
}

// numberParts are what a number is made of, without its check character.
type numberParts struct {
	station, letter, mark string
	year, run             int
}

// splitNumber takes a number without hyphens apart from its end: check
// character, digits, letters, two digits of the year, station. A last letter S
// of several is a session's mark; the 45th epoch, AS, is left to those who
// restore daily.
func splitNumber(s string) (p numberParts, ok bool) {
	if len(s) < 2+2+1+4+1 || len(s) > 40 {
		return p, false
	}
	s = s[:len(s)-1]
	head := strings.TrimRight(s, "0123456789")
	run := s[len(head):]
	front := strings.TrimRight(head, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	p.letter = head[len(front):]
	if l := len(p.letter); l > 1 && p.letter[l-1] == 'S' {
		p.letter, p.mark = p.letter[:l-1], "S"
	}
	if len(run) < 4 || p.letter == "" || len(front) < 4 {
		return p, false
	}
	year := front[len(front)-2:]
	p.station = front[:len(front)-2]
	var rerr, yerr error
	p.run, rerr = strconv.Atoi(run)
	p.year, yerr = strconv.Atoi(year)
	return p, rerr == nil && yerr == nil && p.run > 0 && digitsOnly(year) && ValidCode(p.station)
}

func badNumber(s string) error {
	return typed.Problem{Code: "number-form",
		ZH: "“" + quote(s) + "”不是编号。编号的样子是 QA01-26A-0123-K。",
		EN: "“" + quote(s) + "” is not a number; numbers look like QA01-26A-0123-K."}
}

// numberKey is the form under which a number is indexed: the running part
// padded, so that numbers sort as they were given.
func numberKey(n Number) string {
	p := strings.Split(string(n), "-")
	if len(p) != 4 {
		return string(n)
	}
	mark, digits := "R", p[2]
	if strings.HasPrefix(digits, "S") {
		mark, digits = "S", digits[1:]
	}
	return runPrefix(p[0], p[1], mark) + strings.Repeat("0", max(0, 10-len(digits))) + digits
}

func runPrefix(station, yearLetter, mark string) string {
	return station + "-" + yearLetter + "-" + mark
}

// ValidCode checks a station's code: 2 to 8 capital letters and digits,
// beginning with a letter.
func ValidCode(s string) bool {
	if len(s) < 2 || len(s) > 8 || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// nextRun finds the running number after the highest one in the index. A
// number whose commit failed was shown to nobody and is given to the next.
func nextRun(l ledger.Ledger, index, station, yearLetter, mark string) (int, error) {
	f := ledger.Prefix(index, runPrefix(station, yearLetter, mark))
	f.Reverse, f.Limit = true, 1
	hits, err := l.Find(f)
	if err != nil || len(hits) == 0 {
		return 1, err
	}
	n, err := strconv.Atoi(hits[0].Key[len(f.From):])
	if err != nil {
		return 0, fmt.Errorf("index %s: key %q: %w", index, hits[0].Key, err)
	}
	return n + 1, nil
}
