package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"liaison/station"
	"liaison/station/sheet"
	"liaison/station/typed"
)

// An intake is one import under way: what becomes of each row.
type intake struct {
	inv      *invocation
	table    sheet.Table
	dry      bool
	recorded int // records new or changed
	held     int // records that say nothing new
	refused  int // rows
}

// columns are what each kind of import wants; headings are found by name.
func columns(kind string) ([]sheet.Column, func(*intake, context.Context) error) {
	switch kind {
	case "deputies":
		return []sheet.Column{
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
		}, (*intake).deputies
	case "villages":
		return []sheet.Column{
			{Key: "code", Names: []string{"村居代码", "村(社区)代码", "统计用区划代码", "区划代码", "代码", "编码", "code"}, Required: true},
			{Key: "town", Names: []string{"镇街", "乡镇", "镇(街道)", "街道", "镇", "乡镇街道", "town"}},
			{Key: "name", Names: []string{"村居", "村(社区)", "村居名称", "村", "社区", "名称", "village", "name"}, Required: true},
		}, (*intake).villages
	case "categories":
		return []sheet.Column{
			{Key: "1", Names: []string{"一级分类", "一级"}, Required: true},
			{Key: "2", Names: []string{"二级分类", "二级"}},
			{Key: "3", Names: []string{"三级分类", "三级"}},
		}, (*intake).categories
	case "messages":
		return []sheet.Column{
			{Key: "id", Names: []string{"留言编号", "编号", "id"}, Required: true},
			{Key: "user", Names: []string{"留言用户", "用户", "user"}},
			{Key: "title", Names: []string{"留言主题", "主题", "标题", "title"}},
			{Key: "at", Names: []string{"留言时间", "时间", "time"}, Required: true, Date: true},
			{Key: "content", Names: []string{"留言详情", "详情", "内容", "留言内容", "content"}, Required: true},
			{Key: "label", Names: []string{"一级分类", "一级标签", "分类", "category"}},
			{Key: "reply", Names: []string{"答复意见", "答复", "reply"}},
		}, (*intake).messages
	}
	return nil, nil
}

// runImport loads a table. Every row is recorded, known already, or named on
// stderr with its line and the reason. Repeating it doubles nothing.
func runImport(ctx context.Context, inv *invocation) error {
	fs := inv.flagSet()
	dry := fs.Bool("dry-run", false, "")
	format := fs.String("format", "", "")
	args, err := inv.parse(2, 2)
	if err != nil {
		return err
	}
	want, take := columns(args[0])
	if want == nil {
		return usage("不能导入“%[1]s”;可以是 deputies villages categories messages", "%[1]s cannot be imported; there are deputies, villages, categories and messages", clip(args[0]))
	}
	name := args[1]
	if *format != "" || name == "-" {
		if _, err := tableFormat(name, *format); err != nil {
			return err
		}
		name = "-." + *format
	}
	in, err := inv.open(args[1:])
	if err != nil {
		return err
	}
	defer in.Close()
	t, err := sheet.Read(name, in, want, sheet.Limits{})
	if err != nil {
		return err
	}
	if len(t.Unknown) > 0 {
		fmt.Fprintf(inv.stderr, "没有用到的列 / columns not used: %s\n", clip(strings.Join(t.Unknown, "、")))
	}
	k := &intake{inv: inv, table: t, dry: *dry}
	if err := take(k, ctx); err != nil {
		return err
	}
	return k.tell()
}

// tell says what became of the table.
func (k *intake) tell() error {
	zh, en := "已记录", "recorded"
	if k.dry {
		zh, en = "试读:将记录", "dry run: would record"
	}
	_, err := fmt.Fprintf(k.inv.stdout, "%s %d,已有 %d,未收 %d / %s %d, known already %d, refused %d\n", zh, k.recorded, k.held, k.refused, en, k.recorded, k.held, k.refused)
	if err == nil && k.refused > 0 {
		return errSaid
	}
	return err
}

// refuse names a row that is not taken in.
func (k *intake) refuse(line int, why string) {
	k.refused++
	fmt.Fprintf(k.inv.stderr, "第 %d 行 / row %d: %s\n", line, line, why)
}

// sound reports whether the table's reader understood the row, and names it
// where it did not.
func (k *intake) sound(r sheet.Row) bool {
	if len(r.Problems) == 0 {
		return true
	}
	var why []string
	for _, p := range r.Problems {
		why = append(why, both(p))
	}
	k.refuse(r.Line, strings.Join(why, "; "))
	return false
}

// store writes reference records with put, or counts those that differ from
// what is held where this is a dry run.
func store[T any](k *intake, items []T, put func(station.Who, []T) (int, error), known func(T) bool) error {
	if !k.dry {
		n, err := put(k.inv.who, items)
		k.recorded, k.held = n, len(items)-n
		return err
	}
	for _, it := range items {
		if known(it) {
			k.held++
		} else {
			k.recorded++
		}
	}
	return nil
}

func (k *intake) villages(context.Context) error {
	var out []station.Village
	line := map[string]int{}
	for _, r := range k.table.Rows {
		if !k.sound(r) {
			continue
		}
		v := station.Village{Code: strings.TrimSpace(typed.Fold(r.Get("code"))), Town: oneLine(r.Get("town")), Name: oneLine(r.Get("name"))}
		switch {
		case len(v.Code) != 12 || strings.Trim(v.Code, "0123456789") != "":
			k.refuse(r.Line, "代码应为 12 位数字 / a village code has 12 digits")
		case v.Name == "":
			k.refuse(r.Line, "没有名称 / the name is missing")
		case line[v.Code] > 0:
			k.refuse(r.Line, fmt.Sprintf("代码与第 %d 行相同 / its code stands in row %d already", line[v.Code], line[v.Code]))
		default:
			line[v.Code] = r.Line
			out = append(out, v)
		}
	}
	desk := k.inv.kiosk.desk
	return store(k, out, desk.PutVillages, func(v station.Village) bool { old, ok := desk.Village(v.Code); return ok && old == v })
}

// categories takes a tree without codes, one path a row: each level of it
// becomes a category under a code made from its path, so that the same tree
// loaded again is the same.
func (k *intake) categories(context.Context) error {
	var out []station.Category
	have := map[string]bool{}
	for _, r := range k.table.Rows {
		if !k.sound(r) {
			continue
		}
		path, parent := "", ""
		gap := false
		for _, level := range [...]string{"1", "2", "3"} {
			name := oneLine(r.Get(level))
			if name == "" {
				gap = true
				continue
			}
			if gap {
				k.refuse(r.Line, "上一级分类是空的 / the level above is empty")
				break
			}
			path += "/" + name
			code := categoryCode(path)
			if !have[code] {
				have[code] = true
				out = append(out, station.Category{Code: code, Name: name, Parent: parent})
			}
			parent = code
		}
	}
	desk := k.inv.kiosk.desk
	return store(k, out, desk.PutCategories, func(c station.Category) bool { old, ok := desk.Category(c.Code); return ok && old == c })
}

// categoryCode is "x" and the first 8 hex digits of the path's SHA-256.
func categoryCode(path string) string {
	sum := sha256.Sum256([]byte(path))
	return "x" + hex.EncodeToString(sum[:4])
}

// oneLine tidies what stands in a cell that should hold one line.
func oneLine(s string) string { return strings.Join(strings.Fields(typed.Clean(s, false)), " ") }
