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
	s, rest, slash := strings.Cut(s, "/")
	if slash {
		matter, err = strconv.Atoi(strings.TrimSpace(rest))
		if err != nil || matter < 1 || matter > maxMatters {
			return "", 0, badNumber(s + "/" + rest)
		}
	}
	p := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == ' ' })
	if len(p) == 1 && len(p[0]) >= 10 { // all in one: station of four, year, letters, number, check
		p = splitCompact(p[0])
	}
	if len(p) != 4 || !ValidCode(p[0]) || len(p[1]) < 3 || len(p[3]) != 1 {
		return "", 0, badNumber(s)
	}
	digits := strings.TrimPrefix(p[2], "S")
	run, aerr := strconv.Atoi(digits)
	year, yerr := strconv.Atoi(p[1][:2])
	letter := p[1][2:]
	if aerr != nil || yerr != nil || run < 1 || len(digits) < 4 || strings.Trim(letter, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", 0, badNumber(s)
	}
	mark := ""
	if digits != p[2] {
		mark = "S"
	}
	n = makeNumber(p[0], year, letter, mark, run)
	if want := string(n[len(n)-1]); want != p[3] {
		return "", 0, typed.Problem{Code: "number-check",
			ZH: "编号 " + clip(s, 40) + " 的校验字符不对,请核对是否有一位记错。",
			EN: "The check character of " + clip(s, 40) + " does not fit; one character was probably misread."}
	}
	return n, matter, nil
}

// splitCompact cuts QA0126A0123K; it serves station codes of four characters.
func splitCompact(s string) []string {
	i := 6
	for i < len(s) && s[i] >= 'A' && s[i] <= 'Z' && s[i] != 'S' {
		i++
	}
	if i == 6 || i >= len(s)-1 {
		return nil
	}
	return []string{s[:4], s[4:i], s[i : len(s)-1], s[len(s)-1:]}
}

func badNumber(s string) error {
	return typed.Problem{Code: "number-form",
		ZH: "“" + clip(s, 40) + "”不是编号。编号的样子是 QA01-26A-0123-K。",
		EN: "“" + clip(s, 40) + "” is not a number; numbers look like QA01-26A-0123-K."}
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
// number that a failed commit used up stays unused.
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
