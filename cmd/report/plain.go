package report

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// escaped writes what a terminal might take for a command, or draw in a
// misleading way, as JSON escapes. The value stays what it was, to the letter:
// encoding/json has escaped C0 already, and leaves C1, DEL, bidirectional
// overrides and zero-width characters as they are.
func escaped(line []byte) []byte {
	at := bytes.IndexFunc(line, risky)
	if at < 0 {
		return line
	}
	out := append(make([]byte, 0, len(line)+64), line[:at]...)
	for line = line[at:]; len(line) > 0; {
		r, n := utf8.DecodeRune(line)
		switch {
		case !risky(r):
			out = append(out, line[:n]...)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		line = line[n:]
	}
	return out
}

// risky is what stands in a string only: the rest of JSON is ASCII.
func risky(r rune) bool {
	return r == 0x7f || r >= 0x80 && r <= 0x9f || r > 0x9f && unicode.Is(unicode.Cf, r)
}
