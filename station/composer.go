package station

import (
	"strings"

	"liaison/station/typed"
)

// composer puts one paper of one matter together.
type composer struct {
	Paper
	d      *Desk
	x      Dossier
	l      Life
	reveal bool
}

// composer begins a paper of the i-th matter.
func (d *Desk) composer(x Dossier, i int, reveal bool) *composer {
	c := &composer{d: d, x: x, l: x.Lives[i], reveal: reveal}
	c.Number, c.Office = c.l.Number, d.StationName(x.Station)
	return c
}

// add appends a block; what is not somebody's own words gets the punctuation of
// documents.
func (c *composer) add(b PaperBlock) {
	b.Label = official(b.Label)
	if b.Kind == BlockHead || b.Kind == BlockNote || b.Kind == BlockTear {
		b.Text = official(b.Text)
	}
	for i := range b.Pairs {
		b.Pairs[i].Label = official(b.Pairs[i].Label)
	}
	for i := range b.Signs {
		b.Signs[i].Who = official(b.Signs[i].Who)
	}
	for i := range b.Ticks {
		b.Ticks[i] = official(b.Ticks[i])
	}
	c.Blocks = append(c.Blocks, b)
}

// official gives our own words the full-width punctuation of Chinese documents
// (GB/T 15834); on screens the narrow one saves cells.
func official(s string) string { return fullWidth.Replace(s) }

var fullWidth = strings.NewReplacer(",", "，", ";", "；", ":", "：", "(", "（", ")", "）", "?", "？")

func (c *composer) pairs(ps ...PaperPair) { c.add(PaperBlock{Kind: BlockPairs, Pairs: ps}) }

func (c *composer) text(label, text string, room int) {
	c.add(PaperBlock{Kind: BlockText, Label: label, Text: text, Room: room})
}

// satisfied asks how satisfied the voter is, or says what was answered. What is
// no voter's own word (拒评, 联系不上) is not there to tick.
func (c *composer) satisfied(label, answered string) {
	if answered != "" {
		c.pairs(PaperPair{label, given(Satisfactions, answered), true})
		return
	}
	var all []string
	for _, t := range Satisfactions[:3] {
		all = append(all, t.ZH)
	}
	c.add(PaperBlock{Kind: BlockTick, Label: label, Ticks: all})
}

func (c *composer) signs(ss ...PaperSign) { c.add(PaperBlock{Kind: BlockSigns, Signs: ss}) }

func (c *composer) head(text string) { c.add(PaperBlock{Kind: BlockHead, Text: text}) }

func (c *composer) note(text string) { c.add(PaperBlock{Kind: BlockNote, Text: text}) }

// numbers are the number that the voter reads and the one that documents have.
func (c *composer) numbers() []PaperPair {
	matter := 0
	if len(c.x.Matters) > 1 {
		matter = c.l.N
	}
	return c.numbered(c.l.Number, c.d.DocNumber(c.x.Station, c.x.Visit.Number, matter))
}

func (c *composer) numbered(number, doc string) []PaperPair {
	out := []PaperPair{{"编号", number, false}}
	if doc != "" {
		out = append(out, PaperPair{"文号", doc, false})
	}
	return out
}

// voided says on a paper that the reception does not count.
func (c *composer) voided() {
	if v := c.x.Visit.Void; v != "" {
		c.pairs(PaperPair{"作废", v, true})
	}
}

// voter is who came: in full where that was asked for, else masked. It marks
// the paper as one that names.
func (c *composer) voter() string {
	v := c.x.Voter
	switch {
	case c.x.Visit.Anonymous:
		return "不愿署名"
	case v.Name == "":
		return c.absent()
	case !c.reveal:
		return typed.MaskName(v.Name)
	}
	c.Named = true
	return v.Name
}

// phone is likewise where the voter can be called.
func (c *composer) phone() string {
	v := c.x.Voter
	switch {
	case c.x.Visit.NoContact:
		return "未留电话"
	case v.Phone == "":
		return c.absent()
	case !c.reveal:
		return typed.MaskPhone(v.Phone)
	}
	c.Named = true
	return v.Phone
}

// absent says why a name or phone is not there.
func (c *composer) absent() string {
	switch {
	case !c.x.Voter.Erased.IsZero():
		return "已应选民要求删除"
	case c.d.AtCity():
		return "存于登记站，未随件上报"
	case c.x.voterGone:
		return "本机没有"
	}
	return "未登记"
}

// deputies are names with levels: 李建国（市）、王秀英（镇）.
func (c *composer) deputies(codes ...string) string {
	var out []string
	for _, code := range codes {
		v, ok := c.d.Deputy(code)
		switch {
		case code == "":
		case !ok:
			out = append(out, code)
		case v.Levels() != "":
			out = append(out, v.Name+"（"+v.Levels()+"）")
		default:
			out = append(out, v.Name)
		}
	}
	return strings.Join(out, "、")
}

// units are the names of 协办单位.
func (c *composer) units() string {
	var out []string
	for _, u := range c.l.Units {
		out = append(out, c.d.UnitName(u))
	}
	return strings.Join(out, "、")
}

// disposition is 处理方式 with its letter.
func disposition(code string) string {
	t, ok := Dispositions.Find(code)
	if !ok {
		return code
	}
	return t.Key + " " + official(t.ZH)
}

// handleBy is when handling is due, with what is to be known about that day.
func (c *composer) handleBy() string {
	day := paperDay(c.l.HandleBy)
	if day == "" {
		return ""
	}
	if c.l.Extended {
		return day + "（已延期）"
	}
	if k, ok := c.d.DueFor(TimerHandle, c.l.Disposition, c.l.Hard, c.l.Assigned); ok && k.Unsure {
		return day + "（工作日历未载入，暂按周一至周五算）"
	}
	return day
}

// given is the label of a code of a closed set, "" for none.
func given(ts Terms, code string) string {
	if code == "" {
		return ""
	}
	return official(ts.Label(code).ZH)
}
