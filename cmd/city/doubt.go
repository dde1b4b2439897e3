package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
	"liaison/sync/wire"
)

// maxContent is the longest text of a matter, in characters.
const maxContent = 20_000

// doubts is doubts with what only the city's register can tell.
func (c *city) doubts(e ledger.Entry) []wire.Doubt {
	d := doubting(doubts(e))
	if e.Kind != station.KindVisit || !e.Replaces.IsZero() || e.Absent() {
		return d
	}
	var v station.Visit
	if json.Unmarshal(e.Body, &v) != nil {
		return d
	}
	f, _, err := c.desk.Lookup(operator(), string(v.Number))
	if p, ok := errors.AsType[typed.Problem](err); err == nil && f.ID != e.ID || ok && p.Code == "number-twice" {
		d.add("number-twice", "这个编号本站已经给过另一条登记,请核对是否有两台机器在用同一个站点编号。", "The station gave this number to another reception before; see whether two machines work as one station.")
	}
	return d
}

// doubts is the city's own look at an entry. It never refuses one: a newer
// station may know more. Kinds that this program does not know pass untouched.
func doubts(e ledger.Entry) []wire.Doubt {
	if e.Absent() {
		return nil
	}
	var d doubting
	if !e.Replaces.IsZero() && e.Replaces.Stream.Writer() != e.Stream.Writer() {
		d.add("not-theirs", "要更改的是别人写的记录,没有照办;请核对本站的程序。", "It revises a record that somebody else wrote, which counts for nothing; have the station's program checked.")
	}
	if e.At.After(time.Now().Add(24 * time.Hour)) {
		d.add("future", "记录时间在一天以后,请核对本站时钟。", "The entry is dated more than a day ahead; check the station's clock.")
	}
	switch e.Kind {
	case station.KindVoter:
		d.add("private-body", "选民姓名电话随记录传来,按规定不应离开本站。", "A voter's name and phone came along; they should not leave the station.")
	case station.KindVisit:
		var v station.Visit
		if d.read(e, &v) {
			d.number(e, string(v.Number))
			d.word(station.Channels, v.Channel)
		}
	case station.KindSession:
		var s station.Session
		if d.read(e, &s) {
			d.number(e, string(s.Number))
		}
	case station.KindMatter:
		var m station.Matter
		if d.read(e, &m) {
			d.number(e, m.Number)
			d.word(station.MatterKinds, m.Kind)
			d.word(station.Dispositions, m.Disposition)
			d.text(m.Title)
			d.text(m.Content)
			d.text(m.Reply)
		}
	case ledger.KindErase:
		if n := ledger.Refused(e, ""); n > 0 {
			d.add("erase-refused", fmt.Sprintf("要求删除 %d 条无权删除的记录(别人写的,或审计日志),没有照办。请核对本站的程序。", n),
				fmt.Sprintf("It asks to erase %d entries that are not this station's to erase, or an audit log; this was not done. Have the station's program checked.", n))
		}
	case station.KindContact:
		var c station.Contact
		if d.read(e, &c) {
			d.text(c.Name)
		}
	}
	return d
}

// doubting collects what is found.
type doubting []wire.Doubt

func (d *doubting) add(code, zh, en string) {
	for _, x := range *d {
		if x.Code == code {
			return
		}
	}
	*d = append(*d, wire.Doubt{Code: code, ZH: zh, EN: en})
}

func (d *doubting) read(e ledger.Entry, v any) bool {
	if err := json.Unmarshal(e.Body, v); err != nil {
		d.add("unreadable", "内容读不出来。", "The body cannot be read.")
		return false
	}
	return true
}

// number must be one of the station that wrote the entry.
func (d *doubting) number(e ledger.Entry, s string) {
	if n, _, err := station.ParseNumber(s); err != nil || len(n) <= len(e.Stream.Writer()) || string(n[:len(e.Stream.Writer())+1]) != e.Stream.Writer()+"-" {
		d.add("number", "编号不是本站的编号,或校验不符。", "The number is not one of this station's, or its check character is wrong.")
	}
}

func (d *doubting) word(terms station.Terms, code string) {
	if _, ok := terms.Find(code); !ok {
		d.add("unknown-word", fmt.Sprintf("不认识的选项“%s”。", clip(code)), fmt.Sprintf("%q is not a known word.", clip(code)))
	}
}

func (d *doubting) text(s string) {
	if utf8.RuneCountInString(s) > maxContent {
		d.add("too-long", "文字超过 20,000 字。", "The text is longer than 20,000 characters.")
	}
	if typed.Clean(s, true) != s {
		d.add("control", "文字里有控制字符。", "The text has control characters in it.")
	}
}
