package typed

import (
	"strings"
	"unicode/utf8"
)

// MaskPhone hides the middle of a stored number: 138****1234, 0511-****3456.
// What is too short to hide a part of is hidden whole.
func MaskPhone(s string) string {
	if s == "" {
		return ""
	}
	area, rest, landline := strings.Cut(s, "-")
	if landline {
		rest, _, _ = strings.Cut(rest, "-") // an extension tells too much
		if len(rest) < 7 {
			return area + "-****"
		}
		return area + "-****" + rest[len(rest)-4:]
	}
	if len(s) != 11 || !digits(s) {
		return "****"
	}
	return s[:3] + "****" + s[7:]
}

// MaskName hides a name but for its first and last character: 张*明, 张*. A
// long name shows no more than two stars, so that they do not tell its length.
func MaskName(s string) string {
	n := utf8.RuneCountInString(s)
	if n == 0 {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	if n == 1 {
		return "*"
	}
	if n == 2 {
		return s[:size] + "*"
	}
	last, _ := utf8.DecodeLastRuneInString(s)
	return string(first) + strings.Repeat("*", min(n-2, 2)) + string(last)
}

// MaskID hides the date of birth in an identity number: 321181********0016.
func MaskID(s string) string {
	switch {
	case s == "":
		return ""
	case len(s) != 18:
		return strings.Repeat("*", 8)
	}
	return s[:6] + strings.Repeat("*", 8) + s[14:]
}

// GroupPhone spaces a stored number for reading aloud: 138 0013 8000,
// 0511 8612 3456, 0511 8612 3456 转 801.
func GroupPhone(s string) string {
	if mobile(s) {
		return s[:3] + " " + s[3:7] + " " + s[7:]
	}
	area, rest, ok := strings.Cut(s, "-")
	if !ok {
		return s
	}
	number, ext, _ := strings.Cut(rest, "-")
	if len(number) < 7 || len(number) > 8 {
		return s
	}
	at := len(number) - 4
	s = area + " " + number[:at] + " " + number[at:]
	if ext != "" {
		s += " 转 " + ext
	}
	return s
}
