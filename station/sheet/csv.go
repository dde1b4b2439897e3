package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// readCSV reads separated values in UTF-8, UTF-16 with a mark, or GB18030,
// which WPS and Excel write in China.
func readCSV(b []byte, limits Limits) ([]line, error) {
	s, err := decode(b)
	if err != nil {
		return nil, problem("sheet.damaged", "文件的编码看不懂，请另存为 .xlsx。", "The file's encoding cannot be read; save it as .xlsx.")
	}
	r := csv.NewReader(strings.NewReader(s))
	r.Comma = separator(s)
	r.FieldsPerRecord = -1
	r.LazyQuotes = true // 他说"好" is common in what people write
	var lines []line
	for {
		start := r.InputOffset()
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, problem("sheet.damaged", "文件已损坏，读不下去。", "The file is damaged.")
		}
		l := line{cells: make([]cell, len(record))}
		l.no, _ = r.FieldPos(0)
		for i, f := range record {
			l.cells[i] = textCell(f, limits)
		}
		if raw := s[start:r.InputOffset()]; int(r.InputOffset()) == len(s) && unclosed(raw) {
			l.cells[len(l.cells)-1].fault = quote
		}
		if blank(l) {
			continue
		}
		if lines = append(lines, l); len(lines) > limits.Rows {
			return nil, tooManyRows(limits)
		}
	}
}

func tooManyRows(limits Limits) error {
	return problem("sheet.rows", "行数太多，最多 %d 行，请分成几个文件。", "There are too many rows; at most %d, so split the file.", limits.Rows)
}

func blank(l line) bool {
	return !slices.ContainsFunc(l.cells, func(c cell) bool { return c.fault != sound || strings.TrimSpace(c.text) != "" })
}

// unclosed reports whether the file's last record opens a quotation that runs
// over its line and never ends, and so has taken other rows into one cell.
func unclosed(raw string) bool {
	return strings.Count(raw, `"`)%2 == 1 && strings.Contains(strings.TrimSpace(raw), "\n")
}

// textCell takes the apostrophe off that this package's own export puts before
// what a spreadsheet would take for a formula.
func textCell(s string, limits Limits) cell {
	if strings.HasPrefix(s, "'") && risky(s) {
		s = s[1:]
	}
	c := limits.bound(s)
	switch {
	case c.fault != sound:
	case rounded.MatchString(strings.TrimSpace(s)):
		c.fault = digits
	case strings.ContainsRune(s, utf8.RuneError):
		c.fault = garbled
	}
	return c
}

// rounded matches how Excel writes a long number into a .csv: 3.21181E+17. The
// digits that are not there are lost.
var rounded = regexp.MustCompile(`^\d(\.\d+)?[Ee]\+\d{2,3}$`)

// separator guesses what parts the fields from the first lines.
func separator(s string) rune {
	head := s[:min(len(s), 4096)]
	best, most := ',', 0
	for _, r := range ",\t;" {
		if n := strings.Count(head, string(r)); n > most {
			best, most = r, n
		}
	}
	return best
}

const utf8BOM = "\xef\xbb\xbf"

func utf16BOM(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return "LE"
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return "BE"
	}
	return ""
}

// decode gives the text in UTF-8; what cannot be decoded is U+FFFD.
func decode(b []byte) (string, error) {
	if utf16BOM(b) != "" {
		return decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), b)
	}
	if rest, ok := bytes.CutPrefix(b, []byte(utf8BOM)); ok || mostlyUTF8(b) {
		return strings.ToValidUTF8(string(rest), string(utf8.RuneError)), nil
	}
	return decodeWith(simplifiedchinese.GB18030, b)
}

func decodeWith(e encoding.Encoding, b []byte) (string, error) {
	out, err := e.NewDecoder().Bytes(b)
	return string(out), err
}

// mostlyUTF8 tells UTF-8 with a few broken bytes from GB18030: in the latter
// nearly no character is valid UTF-8.
func mostlyUTF8(b []byte) bool {
	valid, invalid := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			invalid++
		case n > 1:
			valid++
		}
		b = b[n:]
	}
	return invalid == 0 || valid > 10*invalid
}
