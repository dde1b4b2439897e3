package station

import (
	"slices"
	"strconv"
	"strings"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// A Paper is what is printed of a matter (DOMAIN 11): blocks from top to
// bottom, in Chinese, as such papers are. How it is laid out is for whoever
// prints it.
type Paper struct {
	Kind   string // PaperKinds
	Title  string // 接待选民登记表
	Issuer string // under whose name it goes
	Number string
	Small  bool // A5, or a roll of 80 mm; else A4
	Blocks []Block
}

// A Block is one part of a paper; of its fields those that are set are drawn,
// in this order.
type Block struct {
	Tear  string      // a line to tear along, and what lies under it
	Head  string      // a heading
	Pairs []PaperPair // short facts side by side
	Label string      // of Text
	Text  string
	Room  int      // rows that Text has at least, for what is written by hand
	Ticks []string // boxes to tick, after Label
	Signs []string // lines to sign, each with a date
	Seal  bool     // with room for a seal, which is never printed
	Small string   // small print
}

// A PaperPair is a fact with its name. An empty one is a line to write on.
type PaperPair struct{ Label, Text string }

// PaperKinds are the papers of a matter.
var PaperKinds = Terms{
	{"slip", "1", Text{"回执", "Receipt slip"}},
	{"form", "2", Text{"接待选民登记表", "Reception form"}},
	{"assign", "3", Text{"交办单", "Assignment"}},
	{"feedback", "4", Text{"办理结果反馈单", "Result and feedback"}},
	{"guide", "5", Text{"告知单", "Guidance slip"}},
}

// Papers are those that a matter has, as it stands: a slip and a form always,
// an assignment once a unit has it, a feedback once it was answered, a guidance
// slip where the voter was turned to another door.
func Papers(l Life) Terms {
	return slices.DeleteFunc(slices.Clone(PaperKinds), func(t Term) bool { return noPaper(l, t.Code) != nil })
}

// noPaper says why a matter has no such paper.
func noPaper(l Life, kind string) *Text {
	switch {
	case l.State == StVoid:
		return &Text{"这条登记已作废,不再出单。", "This reception is void; nothing is printed of it."}
	case kind == "assign" && l.Assigned.IsZero():
		return &Text{"还没有交办,没有交办单。", "It has not been assigned yet."}
	case kind == "feedback" && l.Replied.IsZero():
		return &Text{"单位还没有答复,没有反馈单。", "No unit has replied yet."}
	case kind == "guide" && l.State != StNotAccepted && l.Turned == "":
		return &Text{"没有不予受理或引导,没有告知单。", "The voter was not turned to another door."}
	}
	return nil
}

// Paper composes one. In full it names the voter, which is an act that the
// audit log notes; otherwise name and phone are masked. A paper that goes out
// of the house names nobody who asked for confidence.
func (d *Desk) Paper(who Who, matter ledger.ID, kind string, full bool) (Paper, error) {
	if p := PaperKinds.check(kind); p != nil {
		return Paper{}, *p
	}
	l, err := d.Life(who, matter)
	if err != nil {
		return Paper{}, err
	}
	if why := noPaper(l, kind); why != nil {
		return Paper{}, why.problem("no-paper")
	}
	f, err := d.Read(who, l.VisitID)
	if err != nil {
		return Paper{}, err
	}
	v := f.Voter
	v.Name, v.Phone, v.Address = typed.MaskName(v.Name), typed.MaskPhone(v.Phone), ""
	if full {
		if v, err = d.Reveal(who, f); err != nil {
			return Paper{}, err
		}
	}
	if f.Visit.Anonymous || v.Name == "" {
		v.Name = "不署名"
	}
	if f.Visit.NoContact || v.Phone == "" {
		v.Phone = "无"
	}
	c := composer{d: d, l: l, f: f, v: v}
	var p Paper
	switch kind {
	case "slip":
		p, err = c.slip()
	case "form":
		p = c.form()
	case "assign":
		p = c.assign()
	case "feedback":
		p = c.feedback()
	case "guide":
		p = c.guide()
	}
	if err != nil {
		return Paper{}, err
	}
	p.Kind, p.Number = kind, l.Number
	if p.Issuer == "" {
		p.Issuer = d.StationName(l.Station)
	}
	return p, nil
}

// composer composes the papers of one matter.
type composer struct {
	d *Desk
	l Life
	f Full
	v Voter // as far as it is shown
}

func (c composer) deputies() string {
	var out []string
	for _, code := range c.f.Session.Deputies {
		out = append(out, c.d.DeputyName(code))
	}
	if len(out) == 0 && c.l.Matter.Deputy != "" {
		out = append(out, c.d.DeputyName(c.l.Matter.Deputy))
	}
	return strings.Join(out, "、")
}

// disposition is the way it took, such as C 交镇街办理.
func (c composer) disposition() string {
	t, ok := Dispositions.Find(c.l.Disposition)
	if !ok {
		return ""
	}
	return t.Key + " " + t.ZH
}

func (c composer) units() string {
	out := c.d.UnitName(c.l.Unit)
	if len(c.l.Units) > 0 {
		var with []string
		for _, u := range c.l.Units {
			with = append(with, c.d.UnitName(u))
		}
		out += "(协办:" + strings.Join(with, "、") + ")"
	}
	return out
}

func (c composer) day() string { return typed.DateOf(c.l.At.In(Beijing)).Long() }

// where is the place of the reception: at the station, or where it was held.
func (c composer) where() string {
	place := Places.Label(c.f.Session.Place).ZH
	if c.f.Session.Where != "" {
		place += " " + c.f.Session.Where
	}
	return place
}

// slip is the voter's: what was recorded, where each matter went, and how to
// ask.
func (c composer) slip() (Paper, error) {
	number := c.l.Number
	if len(c.f.Matters) > 1 {
		number = string(c.f.Visit.Number)
	}
	blocks := []Block{{Pairs: []PaperPair{{"编号", number}, {"日期", c.day()}, {"选民", c.v.Name}}}}
	for i := range c.f.Matters {
		l, err := c.d.life(c.f.MatterID(i), true)
		if err != nil {
			return Paper{}, err
		}
		m := composer{d: c.d, l: l, f: c.f}
		gone := m.disposition()
		if u := m.units(); u != "" {
			gone += " " + u
		}
		b := Block{Pairs: filled(PaperPair{"事项", l.Title}, PaperPair{"处理", gone}, PaperPair{"办理期限", l.HandleBy.Long()})}
		if len(c.f.Matters) > 1 {
			b.Head = "第 " + strconv.Itoa(i+1) + " 件  " + l.Number
		}
		if blocks = append(blocks, b); l.Reply != "" {
			blocks = append(blocks, Block{Label: "代表答复", Text: l.Reply})
		}
	}
	ask := "请保存本回执。可凭编号到站或来电查询办理进度。"
	if phone := c.d.Settings().Phone; phone != "" {
		ask = "请保存本回执。可凭编号到站或来电(" + phone + ")查询办理进度。"
	}
	return Paper{Title: "接待选民回执", Small: true, Blocks: append(blocks, Block{Text: ask},
		Block{Small: "个人信息告知:您的姓名、电话只为答复和办理所反映的事项而记录,由本站保存;须由市里或承办单位与您联系时才随件送出。您可以查阅、更正或要求删除。"})}, nil
}

// filled leaves out what is empty: on some papers nothing is to be written by
// hand.
func filled(ps ...PaperPair) []PaperPair {
	return slices.DeleteFunc(ps, func(p PaperPair) bool { return p.Text == "" })
}

// form is the sheet that is signed and filed.
func (c composer) form() Paper {
	l, v := c.l, c.f.Visit
	village := c.d.VillageName(v.Village)
	if c.v.Address != "" {
		village += " " + c.v.Address
	}
	reply := l.Reply
	told := ""
	if !l.Told.IsZero() {
		told = l.Told.Long() + " " + Meanses.Label(l.Means).ZH
	}
	rated := ""
	if l.Attitude != "" {
		rated = "态度 " + Satisfactions.Label(l.Attitude).ZH + ",结果 " + Satisfactions.Label(l.Outcome).ZH
	}
	result := ""
	if l.Class != "" {
		result = c.d.ClassText(l.Class).ZH
	}
	return Paper{Title: "接待选民登记表", Blocks: []Block{
		{Pairs: []PaperPair{{"编号", l.Number}, {"接待时间", typed.DateOf(l.At.In(Beijing)).Long() + " " + l.At.In(Beijing).Format("15:04")}, {"接待地点", c.where()}, {"反映方式", Channels.Label(v.Channel).ZH}, {"接待代表", c.deputies()}}},
		{Pairs: []PaperPair{{"选民", c.v.Name}, {"性别", said(Sexes, v.Sex)}, {"年龄段", said(AgeBands, v.AgeBand)}, {"电话", c.v.Phone}, {"村居", village}, {"人次", strconv.Itoa(v.Persons)}}},
		{Pairs: []PaperPair{{"分类", l.Category + " " + c.d.CategoryName(l.Category)}, {"性质", MatterKinds.Label(l.Kind).ZH}}},
		{Label: "反映内容(原话)", Text: l.Content, Room: 12},
		{Label: "代表当场答复意见", Text: reply, Room: 3},
		{Pairs: []PaperPair{{"处理方式", c.disposition()}, {"拟交办单位", c.units()}}},
		{Label: "站长审核意见", Text: c.reviewed(), Room: 2, Signs: []string{"站长"}},
		{Label: "办理结果", Text: strings.TrimSpace(result + "\n" + l.Answer), Room: 3},
		{Pairs: []PaperPair{{"反馈选民", told}, {"满意度", rated}}},
		{Signs: []string{"选民", "接待代表", "记录人"}},
	}}
}

// reviewed is what the head wrote when reviewing.
func (c composer) reviewed() string {
	for _, s := range slices.Backward(c.l.Steps) {
		if s.Action == DoReview && s.Moot == nil {
			return s.Note
		}
	}
	return ""
}

// assign goes to the unit, with a part that it sends back.
func (c composer) assign() Paper {
	l := c.l
	var a Done
	for _, s := range l.Steps {
		if s.Action == DoAssign && s.Moot == nil {
			a = s
		}
	}
	pairs := []PaperPair{{"编号", l.Number}, {"文号", a.DocNo}, {"交办单位", c.units()}, {"交办日期", l.Assigned.Long()}, {"办理期限", l.HandleBy.Long()}, {"村居", c.d.VillageName(l.Village)}}
	if l.Suggestion != "" {
		pairs = append(pairs, PaperPair{"代表建议", string(l.Suggestion)})
	}
	if Handed(l.Disposition) && !l.Secret {
		pairs = append(pairs, PaperPair{"选民", c.v.Name}, PaperPair{"电话", c.v.Phone})
	}
	by := a.Name
	issuer := ""
	if a.City {
		issuer = c.d.StationName(CityCode)
	}
	return Paper{Title: "选民反映事项交办单", Issuer: issuer, Blocks: []Block{
		{Pairs: pairs},
		{Label: "事项", Text: l.Title},
		{Label: "反映内容", Text: l.Content, Room: 6},
		{Label: "办理要求", Text: strings.TrimSpace(a.Note + "\n请在期限内办理并书面答复;不属本单位职责的,请在签收期限内退回并说明理由。")},
		{Pairs: []PaperPair{{"交办人", by}}, Seal: true},
		{Tear: "签收(退回)联,请填写后交回"},
		{Pairs: []PaperPair{{"编号", l.Number}, {"事项", l.Title}}},
		{Label: "处理", Ticks: []string{"签收", "退回"}},
		{Label: "退回理由", Room: 2},
		{Signs: []string{"承办单位经办人"}, Seal: true},
	}}
}

// feedback tells the voter what came of it, and asks what they think.
func (c composer) feedback() Paper {
	l := c.l
	pairs := []PaperPair{{"编号", l.Number}, {"选民", c.v.Name}, {"承办单位", c.units()}, {"答复日期", l.Replied.Long()}, {"结果分类", c.d.ClassText(l.Class).ZH}}
	if !l.Promise.IsZero() {
		pairs = append(pairs, PaperPair{"承诺期限", l.Promise.Long()})
	}
	ticks := []string{"满意", "基本满意", "不满意"}
	return Paper{Title: "办理结果反馈单", Blocks: []Block{
		{Pairs: pairs},
		{Label: "事项", Text: l.Title},
		{Label: "办理结果", Text: l.Answer, Room: 6, Seal: true},
		{Tear: "选民评价,填写后交回本站"},
		{Pairs: []PaperPair{{"编号", l.Number}}},
		{Label: "办理态度", Ticks: ticks},
		{Label: "办理结果", Ticks: ticks},
		{Label: "不满意的原因", Room: 2},
		{Signs: []string{"选民"}},
	}}
}

// guide says why it was not taken up, and which door is the right one.
func (c composer) guide() Paper {
	l := c.l
	title, reasons := "不予受理告知单", RefuseReasons
	if l.Disposition == "guide" {
		title, reasons = "引导告知单", GuideDoors
	}
	pairs := []PaperPair{{"编号", l.Number}, {"日期", c.day()}, {"选民", c.v.Name}, {"事项", l.Title}}
	label := "不予受理的理由"
	if l.Disposition == "guide" {
		label = "请到"
	}
	blocks := []Block{{Pairs: pairs}, {Label: label, Text: reasons.Label(l.Turned).ZH}, {Label: "怎样办理", Text: Guidance(l.Turned).ZH}}
	if phone := c.d.Settings().Phone; phone != "" {
		blocks = append(blocks, Block{Text: "有疑问可以来电咨询:" + phone})
	}
	return Paper{Title: title, Small: true, Blocks: append(blocks, Block{Signs: []string{"经办人"}, Seal: true})}
}

// said is a term that may have been left open.
func said(ts Terms, code string) string {
	if code == "" {
		return ""
	}
	return ts.Label(code).ZH
}
