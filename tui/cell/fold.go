package cell

import "strings"

// Fold turns full-width digits, letters and punctuation into their ASCII
// forms, for dates, phones and codes: an input method that is switched on
// sends １、Ａ and 。 where 1, A and . are meant.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xff01 + '!'
		case r == '\u3000':
			return ' '
		case r == '。', r == '·':
			return '.'
		case r == '、':
			return '/'
		case r == '—', r == '–':
			return '-'
		}
		return r
	}, s)
}

// Grouped writes a number for reading aloud: QA01-26A-0123-K becomes
// "QA01  26A  0123  K".
func Grouped(number string) string {
	return strings.ReplaceAll(number, "-", "  ")
}
