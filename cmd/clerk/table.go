package clerk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"liaison/station"
	"liaison/station/sheet"
	"liaison/station/typed"
)

// An Intake is one import under way: what becomes of each row.
type Intake struct {
	Call
	Table    sheet.Table
	Columns  []sheet.Column // that there may be
	Dry      bool
	Replace  bool // a year of working days by one of fewer
	Recorded int  // records new or changed
	Held     int  // records that say nothing new
	Refused  int  // rows
}

// A Kind is one kind of table: its columns, and what takes its rows in.
type Kind struct {
	Columns []sheet.Column
	Take    func(*Intake, context.Context) error
}

// columns are what each kind of import wants; headings are found by name.
func columns(kind string) Kind {
	switch kind {
	case "deputies":
		return Kind{[]sheet.Column{
			{Key: "code", Names: []string{"代表编号", "编号", "代表代码", "code"}, Required: true},
			{Key: "name", Names: []string{"姓名", "代表姓名", "name"}, Required: true},
			{Key: "sex", Names: []string{"性别", "sex"}},
			{Key: "post", Names: []string{"工作单位及职务", "单位及职务", "单位职务", "工作单位", "单位", "职务", "post"}},
			{Key: "phone", Names: []string{"手机", "手机号码", "手机号", "联系电话", "电话", "电话号码", "联系方式", "phone"}},
			{Key: "cert", Names: []string{"代表证号", "证号", "cert"}},
			{Key: "level", Names: []string{"代表级别", "级别", "层级", "level"}},
			{Key: "term", Names: []string{"届次", "届", "term"}},
			{Key: "constituency", Names: []string{"选区", "选举单位", "选区(选举单位)", "constituency"}},
			{Key: "group", Names: []string{"代表团", "代表小组", "小组", "代表组", "group"}},
			{Key: "from", Names: []string{"任职时间", "任期起", "当选时间", "起始时间", "from"}, Date: true},
			{Key: "to", Names: []string{"任期止", "终止时间", "截止时间", "to"}, Date: true},
			{Key: "end", Names: []string{"终止原因", "end_reason"}},
		}, (*Intake).deputies}
	case "villages":
		return Kind{[]sheet.Column{
			{Key: "code", Names: []string{"村居代码", "村(社区)代码", "统计用区划代码", "区划代码", "代码", "编码", "code"}, Required: true},
			{Key: "town", Names: []string{"镇街", "乡镇", "镇(街道)", "街道", "镇", "乡镇街道", "town"}},
			{Key: "name", Names: []string{"村居", "村(社区)", "村居名称", "村", "社区", "名称", "village", "name"}, Required: true},
		}, (*Intake).villages}
	case "categories":
		return Kind{[]sheet.Column{
			{Key: "1", Names: []string{"一级分类", "一级"}, Required: true},
			{Key: "2", Names: []string{"二级分类", "二级"}},
			{Key: "3", Names: []string{"三级分类", "三级"}},
		}, (*Intake).categories}
	}
	return bodyColumns(kind)
}

// Import loads a table of one of the kinds named in words; more are kinds of
// the program's own. Every row is recorded, known already, or named on stderr
// with its line and the reason. Repeating it doubles nothing.
func Import(ctx context.Context, c Call, args, words []string, more map[string]Kind) error {
	fs := Flags("import")
	dry := fs.Bool("dry-run", false, "")
	replace := fs.Bool("replace", false, "")
	format := fs.String("format", "", "")
	args, err := c.Parse(fs, args, 2, 2)
	if err != nil {
		return err
	}
	kind, own := more[args[0]]
	if !own && slices.Contains(words, args[0]) {
		kind = columns(args[0])
	}
	if kind.Take == nil {
		all := append(slices.Clone(words), slices.Sorted(maps.Keys(more))...)
		return usage("不能导入“%[1]s”;可以是 %[2]s", "%[1]s cannot be imported; there are %[2]s", clip(args[0]), strings.Join(all, " "))
	}
	name := args[1]
	if *format != "" || name == "-" {
		if _, err := TableFormat(name, *format); err != nil {
			return err
		}
		name = "-." + *format
	}
	in, err := c.Open(args[1])
	if err != nil {
		return err
	}
	defer in.Close()
	t, err := sheet.Read(name, in, kind.Columns, sheet.Limits{})
	if err != nil {
		return err
	}
	if len(t.Unknown) > 0 {
		fmt.Fprintf(c.Stderr, "没有用到的列 / columns not used: %s\n", clip(strings.Join(t.Unknown, "、")))
	}
	k := &Intake{Call: c, Table: t, Columns: kind.Columns, Dry: *dry, Replace: *replace}
	if err := kind.Take(k, ctx); err != nil {
		return err
	}
	return k.tell()
}

// TableFormat goes by --format, or else by the file's name.
func TableFormat(name, format string) (sheet.Format, error) {
	if format != "" {
		name = "." + format
	} else if name == "-" {
		return 0, usage("用“-”时请写明 --format xlsx 或 csv", "with “-” give --format xlsx or csv")
	}
	f, err := sheet.FormatOf(name)
	if err != nil {
		return 0, UsageError{station.Say(err)}
	}
	return f, nil
}

// tell says what became of the table.
func (k *Intake) tell() error {
	zh, en := "已记录", "recorded"
	if k.Dry {
		zh, en = "试读:将记录", "dry run: would record"
	}
	_, err := fmt.Fprintf(k.Stdout, "%s %d,已有 %d,未收 %d / %s %d, known already %d, refused %d\n", zh, k.Recorded, k.Held, k.Refused, en, k.Recorded, k.Held, k.Refused)
	if err == nil && k.Refused > 0 {
		return ErrSaid
	}
	return err
}

// Refuse names a row that is not taken in.
func (k *Intake) Refuse(line int, why string) {
	k.Refused++
	fmt.Fprintf(k.Stderr, "第 %d 行 / row %d: %s\n", line, line, why)
}

// Sound reports whether the table's reader understood the row, and names it
// where it did not.
func (k *Intake) Sound(r sheet.Row) bool {
	if len(r.Problems) == 0 {
		return true
	}
	var why []string
	for _, p := range r.Problems {
		why = append(why, Both(p))
	}
	k.Refuse(r.Line, strings.Join(why, "; "))
	return false
}

// store writes reference records with put, or counts those that differ from
// what is held where this is a dry run.
func store[T any](k *Intake, items []T, put func(station.Who, []T) (int, error), known func(T) bool) error {
	if !k.Dry {
		n, err := put(k.Who, items)
		if k.Recorded = n; err == nil {
			k.Held = len(items) - n
		}
		return err
	}
	for _, it := range items {
		if known(it) {
			k.Held++
		} else {
			k.Recorded++
		}
	}
	return nil
}

func (k *Intake) villages(context.Context) error {
	var out []station.Village
	line := map[string]int{}
	for _, sr := range k.Table.Rows {
		if !k.Sound(sr) {
			continue
		}
		r := &row{Row: sr, found: k.Table.Found}
		v, _ := k.Desk.Village(fold(r.Get("code")))
		r.code("code", &v.Code)
		r.text("town", &v.Town)
		r.text("name", &v.Name)
		switch {
		case len(v.Code) != 12 || strings.Trim(v.Code, "0123456789") != "":
			k.Refuse(r.Line, "代码应为 12 位数字 / a village code has 12 digits")
		case v.Name == "":
			k.Refuse(r.Line, "没有名称 / the name is missing")
		case line[v.Code] > 0:
			k.Refuse(r.Line, fmt.Sprintf("代码与第 %d 行相同 / its code stands in row %d already", line[v.Code], line[v.Code]))
		case add(k, &out, r, v):
			line[v.Code] = r.Line
		}
	}
	desk := k.Desk
	return store(k, out, desk.PutVillages, func(v station.Village) bool { old, ok := desk.Village(v.Code); return ok && old == v })
}

// categories takes a tree without codes, one path a row: each level of it
// becomes a category under a code made from its path, so that the same tree
// loaded again is the same.
func (k *Intake) categories(context.Context) error {
	var out []station.Category
	have := map[string]bool{}
	for _, r := range k.Table.Rows {
		if !k.Sound(r) {
			continue
		}
		path, parent := "", ""
		gap := false
		for _, level := range [...]string{"1", "2", "3"} {
			name := OneLine(r.Get(level))
			if name == "" {
				gap = true
				continue
			}
			if gap {
				k.Refuse(r.Line, "上一级分类是空的 / the level above is empty")
				break
			}
			path += "/" + name
			code := CategoryCode(path)
			if !have[code] {
				if !add(k, &out, &row{Row: r, found: k.Table.Found}, station.Category{Code: code, Name: name, Parent: parent}) {
					break
				}
				have[code] = true
			}
			parent = code
		}
	}
	desk := k.Desk
	return store(k, out, desk.PutCategories, func(c station.Category) bool { old, ok := desk.Category(c.Code); return ok && old == c })
}

// CategoryCode is "x" and the first 8 hex digits of the path's SHA-256.
func CategoryCode(path string) string {
	sum := sha256.Sum256([]byte(path))
	return "x" + hex.EncodeToString(sum[:4])
}

// OneLine tidies what stands in a cell that should hold one line.
func OneLine(s string) string { return strings.Join(strings.Fields(typed.Clean(s, false)), " ") }
