package typed

import "strings"

// Fold makes full-width letters, digits, punctuation and spaces half-width, as
// the parsers of this package and every search want them. It is for codes,
// dates, phones and queries; the voter's own words are stored as written.
func Fold(s string) string { return strings.Map(foldRune, s) }

func foldRune(r rune) rune {
	switch {
	case r >= '！' && r <= '～': // the full-width forms of ! to ~
		return r - '！' + '!'
	case r < 0x80:
		return r
	}
	switch r {
	case '\u3000', '\u00a0': // ideographic and no-break space
		return ' '
	case '。', '．', '｡':
		return '.'
	case '、', '､':
		return ','
	case '\u2010', '\u2011', '\u2012', '–', '—', '―', '−', '﹣': // hyphens, dashes, minus
		return '-'
	case '∶', '︰':
		return ':'
	case '“', '”':
		return '"'
	case '‘', '’':
		return '\''
	case '【', '〔', '［':
		return '['
	case '】', '〕', '］':
		return ']'
	case '《', '〈':
		return '<'
	case '》', '〉':
		return '>'
	case '￥':
		return '¥'
	}
	return r
}
