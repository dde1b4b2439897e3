package sheet

import (
	"encoding/csv"
	"io"

	"liaison/station/typed"
)

func writeCSV(w io.Writer, s Sheet) error {
	if _, err := io.WriteString(w, utf8BOM); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	record := make([]string, len(s.Columns))
	for i, col := range s.Columns {
		record[i] = col.Name
	}
	if err := c.Write(record); err != nil {
		return err
	}
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		for i, col := range s.Columns {
			record[i] = ""
			if i < len(row) {
				record[i] = typed.Clean(row[i], true)
			}
			if risky(record[i]) && (col.Text || !plainNumber(record[i])) {
				record[i] = "'" + record[i]
			}
		}
		if err := c.Write(record); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}
