package sheet

import (
	"encoding/xml"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A numFormat is as much of a cell's number format as changes what it means.
type numFormat struct {
	date  bool
	zeros int // digits that leading zeros fill up to
}

// readStyles reads the number format of every cell style; a workbook may have
// none.
func (w *workbook) readStyles(part string) error {
	if w.parts[part] == nil {
		return nil
	}
	custom := map[int]string{}
	inCells := false
	return w.walk(part, func(tok xml.Token) (bool, error) {
		if e, ok := tok.(xml.StartElement); ok {
			switch e.Name.Local {
			case "numFmt":
				id, err := strconv.Atoi(attr(e, "numFmtId"))
				if err == nil {
					custom[id] = attr(e, "formatCode")
				}
			case "cellXfs":
				inCells = true
			case "xf":
				if inCells {
					id, _ := strconv.Atoi(attr(e, "numFmtId"))
					w.styles = append(w.styles, formatOf(id, custom[id]))
				}
			}
		}
		inCells = inCells && !closes(tok, "cellXfs")
		return closes(tok, "styleSheet"), nil
	})
}

// formatOf judges a number format by its number, for those that are built in,
// or by its code. 27 to 36 and 50 to 58 are the dates of the Chinese editions.
func formatOf(id int, code string) numFormat {
	if code == "" {
		return numFormat{date: id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58}
	}
	code = strings.ToLower(literal.ReplaceAllString(code, ""))
	code, _, _ = strings.Cut(code, ";")
	if strings.Trim(code, "0") == "" {
		return numFormat{zeros: len(code)}
	}
	return numFormat{date: strings.ContainsAny(code, "ydhs") || strings.Contains(code, "m") && !strings.ContainsAny(code, "0#?")}
}

// literal matches what a format shows as it is, and colours and conditions;
// but not the elapsed times [h], [m], [s].
var literal = regexp.MustCompile(`"[^"]*"|\\.|[_*].|\[[^\]hmsHMS][^\]]*\]|\[\$[^\]]*\]|(?i:general)`)

// numberCell gives a number the way it was meant: a day or time where the
// format says so, with leading zeros where it asks for them, and else as plain
// digits. Excel keeps 15 digits; what is longer was an identity or a card
// number and is rounded.
func numberCell(s string, f numFormat, from04 bool) cell {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return cell{text: s}
	}
	var c cell
	switch {
	case math.Abs(v) >= 1e15:
		c.text, c.fault = s, digits
	case f.date && v >= 0 && v < 2958466: // the year 10000
		c.text = serialTime(v, from04)
	case v == math.Trunc(v):
		c.text = strconv.FormatFloat(v, 'f', -1, 64)
		if n := f.zeros - len(c.text); n > 0 && v >= 0 {
			c.text = strings.Repeat("0", n) + c.text
		}
	default:
		// 15 digits: 0.1+0.2 is 0.3, as the sheet shows it.
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
		c.text = strconv.FormatFloat(v, 'f', -1, 64)
	}
	return c
}

// serialTime writes a day as Excel counts them, from 1900 or 1904: 2026-11-23,
// with its time where it has one, or the time alone. Excel takes 1900 for a
// leap year, so days before 1 March 1900 are one off.
func serialTime(v float64, from04 bool) string {
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if from04 {
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	} else if v < 60 {
		base = base.AddDate(0, 0, 1)
	}
	day := math.Floor(v)
	seconds := math.Round((v - day) * 86400)
	t := base.AddDate(0, 0, int(day)).Add(time.Duration(seconds) * time.Second)
	switch {
	case v < 1:
		return t.Format("15:04:05")
	case seconds == 0:
		return t.Format(time.DateOnly)
	}
	return t.Format(time.DateTime)
}
