package station

import (
	"fmt"
	"slices"
	"strings"

	"liaison/station/typed"
)

// form is 接待选民登记表: one matter a form (一事一件).
func (c *composer) form() {
	c.Kind, c.Size, c.Title = PaperForm, A4, "接待选民登记表"
	v, l := c.x.Visit, c.l
	c.voided()
	place := Places.Label(c.x.Session.Place).ZH
	if c.x.Session.Where != "" {
		place += " " + c.x.Session.Where
	}
	c.pairs(append(c.numbers(), PaperPair{"接待时间", paperTime(v.At), false}, PaperPair{"反映方式", given(Channels, v.Channel), false},
		PaperPair{"接待地点", place, false}, PaperPair{"场次", string(c.x.Session.Number), false},
		PaperPair{"接待代表", c.deputies(c.x.Session.Deputies...), true})...)
	yes := map[bool]string{true: "是", false: "否"}
	told := "未告知"
	if v.Notified {
		told = "已告知"
	}
	voter := []PaperPair{{"选民姓名", c.voter(), false}, {"联系电话", c.phone(), false}, {"性别", given(Sexes, v.Sex), false}, {"年龄段", given(AgeBands, v.AgeBand), false},
		{"住址", c.d.VillageName(v.Village), false}, {"人次", fmt.Sprint(v.Persons), false}}
	if c.reveal && c.x.Voter.Address != "" {
		c.Named = true
		voter = append(voter, PaperPair{"门牌", c.x.Voter.Address, true})
	}
	c.pairs(append(voter, PaperPair{"个人信息告知", told, false}, PaperPair{"要求保密", yes[v.Confidential], false})...)
	about := []PaperPair{{"事项", l.Title, true}, {"内容分类", c.d.CategoryName(l.Category), false}, {"诉求性质", given(MatterKinds, l.Kind), false},
		{"涉及人数", given(Affecteds, l.Affected), false}, {"紧急程度", given(Urgencies, l.Urgency), false}}
	if l.Village != v.Village {
		about = append(about, PaperPair{"问题属地", c.d.VillageName(l.Village), false})
	}
	c.pairs(about...)
	c.text("反映内容(原话)", l.Content, 75)
	c.text("代表当场答复意见", l.Reply, 12)
	c.pairs(PaperPair{"答复代表", c.deputies(l.Deputy), false}, PaperPair{"处理方式", disposition(l.Disposition), false}, PaperPair{c.unitLabel(), c.d.UnitName(l.Unit), true})
	c.reviewed()
	c.text("办理结果", c.result(), 12)
	c.pairs(PaperPair{"反馈方式", given(Meanses, l.Means), false}, PaperPair{"反馈时间", paperDay(l.Told), false},
		PaperPair{"办理态度", given(Satisfactions, l.Attitude), false}, PaperPair{"办理结果评价", given(Satisfactions, l.Outcome), false})
	c.signs(PaperSign{Who: "选民(签名,自愿)"}, PaperSign{Who: "接待代表(签名)"}, PaperSign{Who: "记录人" + brackets(c.x.recorder) + "(签名)"})
}

func brackets(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

// unitLabel: before 交办 the unit is only proposed, by hand.
func (c *composer) unitLabel() string {
	if c.l.Unit == "" {
		return "拟交单位"
	}
	return "交办单位"
}

// reviewed is what the head said at 审核, and where to sign for it.
func (c *composer) reviewed() {
	said := ""
	for _, s := range c.l.Steps {
		if s.Action == DoReview && s.Moot == nil {
			said = strings.TrimSpace(paperDay(s.Day()) + " " + s.Name + "：" + disposition(s.Disposition) + " " + s.Note)
		}
	}
	c.text("站长审核意见", said, 8)
	c.signs(PaperSign{Who: "站长(签名)", Seal: true})
}

// result is the unit's answer with its class.
func (c *composer) result() string {
	l := c.l
	if l.Replied.IsZero() {
		return ""
	}
	out := paperDay(l.Replied) + " " + l.Answer
	if l.Class != "" {
		out += "\n" + official(c.d.ClassText(l.Class).ZH)
	}
	return out
}

// slip is 回执: of one matter, or of all that the voter brought.
func (d *Desk) slip(x Dossier, reveal bool) Paper {
	c := &composer{d: d, x: x, reveal: reveal}
	c.Kind, c.Size, c.Title, c.Office = PaperSlip, A5, "接待选民回执", d.StationName(x.Station)
	c.Number = string(x.Visit.Number)
	matter := 0
	if meant := x.meant(); x.N > 0 && len(meant) == 1 {
		c.Number = x.Lives[meant[0]].Number
		if len(x.Lives) > 1 {
			matter = x.N
		}
	}
	c.voided()
	c.pairs(append(c.numbered(c.Number, d.DocNumber(x.Station, x.Visit.Number, matter)),
		PaperPair{"接待日期", paperDay(typed.DateOf(x.Visit.At.In(Beijing))), false}, PaperPair{"选民", c.voter(), false})...)
	for _, i := range x.meant() {
		c.l = x.Lives[i]
		c.slipMatter(len(x.meant()) > 1)
	}
	c.pairs(PaperPair{"查询电话", c.tel(), true})
	c.note("凭编号来电或到站,可以查询办理情况。")
	if d.AtCity() {
		c.note("个人信息:姓名、电话只为答复和办理所反映的事项登记。您可以向登记站查阅、更正或要求删除。")
	} else {
		c.note(fmt.Sprintf("个人信息:姓名、电话只为答复和办理所反映的事项登记,存于本站;报市里办理时才随件,要求保密的不随件。办结满%d个月后删去。您可以到站查阅、更正或要求删除。", d.Retention().VoterMonths))
	}
	c.signs(PaperSign{Who: "经办人(签名)", Seal: true})
	return c.Paper
}

// tel is the station's own phone, known only on its own machine.
func (c *composer) tel() string {
	if c.d.AtCity() {
		return ""
	}
	return c.d.Settings().Phone
}

// slipMatter tells the voter where a matter went.
func (c *composer) slipMatter(several bool) {
	l := c.l
	label := "事项"
	if several {
		label = fmt.Sprintf("事项%d", l.N)
	}
	ps := []PaperPair{{label, l.Title, true}, {"处理", given(Dispositions, l.Disposition), true}}
	if several {
		ps = slices.Insert(ps, 1, PaperPair{"编号", l.Number, true})
	}
	switch {
	case l.State == StVoid:
	case l.State == StAnswered || l.Matter.Disposition == "onspot" && l.Unit == "":
		if l.Reply != "" {
			ps = append(ps, PaperPair{"答复", l.Reply, true})
		}
	case l.turnedAway():
		ps = append(ps, PaperPair{"请您", official(Guidance(l.Turned).ZH), true})
	case l.Lead != "":
		ps = append(ps, PaperPair{"办理", "并入已有事项" + brackets(c.x.leads[l.Lead]) + " 一并办理，有了结果同样答复您", true})
		if l.Turned != "" {
			ps = append(ps, PaperPair{"请您", official(Guidance(l.Turned).ZH), true})
		}
	case l.Disposition == "collect":
	default:
		ps = append(ps, PaperPair{"进度", l.State.Text().ZH, true})
		if l.Unit != "" {
			ps = append(ps, PaperPair{"承办单位", c.d.UnitName(l.Unit), true})
		}
		due := c.handleBy()
		if due == "" {
			due = "交办后起算"
		}
		if l.Replied.IsZero() {
			ps = append(ps, PaperPair{"办理期限", due, true})
		} else {
			ps = append(ps, PaperPair{"答复", l.Answer, true})
		}
	}
	c.pairs(ps...)
}

// assign is 交办单: what the unit is to do, by when, and the part that it tears
// off and sends back. A voter who asked for confidence is not named on it.
func (c *composer) assign() {
	c.Kind, c.Size, c.Title = PaperAssign, A4, "交办单"
	l := c.l
	at, _ := l.assignment()
	by := at.Name
	if at.Role == RoleOwner { // a machine, not a person
		by = ""
	}
	if at.City {
		c.Office = Roles.Label(string(RoleCity)).ZH
	}
	ps := c.numbers()
	if at.DocNo != "" {
		ps = append(ps, PaperPair{"交办文号", at.DocNo, false})
	}
	unit := c.d.UnitName(l.Unit)
	ps = append(ps, PaperPair{"承办单位", unit, false}, PaperPair{"交办日期", paperDay(l.Assigned), false})
	if us := c.units(); us != "" {
		ps = append(ps, PaperPair{"协办单位", us, true})
	}
	sign := ""
	if k, ok := c.d.DueFor(TimerSign, l.Disposition, l.Hard, l.Assigned); ok {
		sign = paperDay(k.Due)
	}
	ps = append(ps, PaperPair{"签收期限", sign, false}, PaperPair{"办理期限", c.handleBy(), false}, PaperPair{"紧急程度", given(Urgencies, l.Urgency), false},
		PaperPair{"内容分类", c.d.CategoryName(l.Category), false}, PaperPair{"问题属地", c.d.VillageName(l.Village), false})
	if l.Redone > 0 {
		ps = append(ps, PaperPair{"重新办理", fmt.Sprintf("第%d次", l.Redone), false})
	}
	c.pairs(ps...)
	if l.Secret {
		c.pairs(PaperPair{"选民", "要求保密，姓名电话不随件；要联系选民的，经联络站转达", true})
	} else {
		c.pairs(PaperPair{"选民姓名", c.voter(), false}, PaperPair{"联系电话", c.phone(), false})
	}
	c.pairs(PaperPair{"事项", l.Title, true})
	c.text("反映内容(原话)", l.Content, 40)
	c.text("交办要求", c.demands(at), 0)
	c.signs(PaperSign{Who: "交办人" + brackets(by) + "(签名)", Seal: true})
	c.add(PaperBlock{Kind: BlockTear, Text: "沿此线撕下,交回" + c.Office})
	c.head("签收/退回联")
	c.pairs(PaperPair{"编号", l.Number, false}, PaperPair{"承办单位", unit, false}, PaperPair{"交办日期", paperDay(l.Assigned), false}, PaperPair{"签收期限", sign, false})
	c.add(PaperBlock{Kind: BlockTick, Label: "本单位", Ticks: []string{"签收", "退回"}})
	c.pairs(PaperPair{"承办人", "", false}, PaperPair{"联系电话", "", false}, PaperPair{"建议交由", "", true})
	c.text("退回理由", "", 15)
	c.signs(PaperSign{Who: "单位负责人(签名)", Seal: true})
}

// demands are what the assignment asks for: its own note, and what holds for
// all.
func (c *composer) demands(at Done) string {
	out := at.Note
	for _, s := range c.l.Steps {
		if s.Action == DoRedo && s.Moot == nil && s.Note != "" {
			out = strings.TrimSpace(out + "\n重新办理：" + s.Note)
		}
	}
	return strings.TrimSpace(out + "\n一、在签收期限内签收；不属于本单位职责的，在此期限内写明理由退回。" +
		"\n二、办理中与选民见面或者联系，听取意见。" +
		"\n三、在办理期限内书面答复，由负责人签发并盖章；列入计划逐步解决的，写明完成时间。")
}

// feedback is 办理结果反馈单: the unit's reply on the front, the voter's word on
// the back. It passes through the unit, so a voter who asked for confidence is
// not named on it.
func (c *composer) feedback() {
	c.Kind, c.Size, c.Title = PaperFeedback, A4, "办理结果反馈单"
	l := c.l
	ps := append(c.numbers(), PaperPair{"承办单位", c.d.UnitName(l.Unit), false})
	if us := c.units(); us != "" {
		ps = append(ps, PaperPair{"协办单位", us, true})
	}
	ps = append(ps, PaperPair{"交办日期", paperDay(l.Assigned), false}, PaperPair{"办理期限", c.handleBy(), false}, PaperPair{"答复日期", paperDay(l.Replied), false})
	if l.handler.DocNo != "" {
		ps = append(ps, PaperPair{"答复文号", l.handler.DocNo, false})
	}
	if l.Met {
		ps = append(ps, PaperPair{"见面联系", "已见面或联系", false})
	}
	c.pairs(append(ps, PaperPair{"事项", l.Title, true})...)
	c.text("反映内容(原话)", l.Content, 30)
	c.text("办理情况和答复", l.Answer, 60)
	result := []PaperPair{{"办理结果", "", true}}
	if l.Class != "" {
		result[0].Value = official(c.d.ClassText(l.Class).ZH)
	}
	if !l.Promise.IsZero() {
		result = append(result, PaperPair{"承诺完成", paperDay(l.Promise), false})
	}
	if !l.Kept.IsZero() {
		result = append(result, PaperPair{"兑现日期", paperDay(l.Kept), false})
	}
	c.pairs(result...)
	c.signs(PaperSign{Who: "承办单位负责人(签发)", Seal: true})
	c.add(PaperBlock{Kind: BlockTurn})
	c.head("选民评价(背面)")
	back := []PaperPair{{"编号", l.Number, false}}
	if !l.Secret {
		back = append(back, PaperPair{"选民", c.voter(), false})
	}
	c.pairs(append(back, PaperPair{"事项", l.Title, true}, PaperPair{"反馈方式", given(Meanses, l.Means), false}, PaperPair{"反馈时间", paperDay(l.Told), false})...)
	c.satisfied("办理态度", l.Attitude)
	c.satisfied("办理结果", l.Outcome)
	c.text("意见(不满意的请写明理由)", l.Why, 40)
	c.signs(PaperSign{Who: "选民(签名,自愿)"}, PaperSign{Who: "反馈人(签名)"})
	c.note("选民不签名的,由反馈人写明反馈的方式和时间。")
}

// guide is 引导告知单 or 不予受理告知单: why not here, and which door is the right
// one (Guidance).
func (c *composer) guide() {
	c.Kind, c.Size, c.Title = PaperGuide, A5, "引导告知单"
	l, day := c.l, typed.DateOf(c.x.Visit.At.In(Beijing))
	note := l.Reply
	for _, s := range l.Steps {
		if s.Action == DoRefuse && s.Moot == nil {
			day, note = s.Day(), s.Note
			if s.City {
				c.Office = Roles.Label(string(RoleCity)).ZH
			}
		}
	}
	c.pairs(append(c.numbers(), PaperPair{"告知日期", paperDay(day), false}, PaperPair{"选民", c.voter(), false}, PaperPair{"事项", l.Title, true})...)
	why, door := "您反映的事项应由有关部门或者依法定程序处理，不在本站办理。", given(GuideDoors, l.Turned)
	if l.Disposition == "refuse" {
		c.Title, door = "不予受理告知单", ""
		why = "您反映的事项不予受理。"
		if l.Turned != "" {
			why = "您反映的事项不予受理。理由：" + given(RefuseReasons, l.Turned) + "。"
		}
	}
	c.text("告知", why, 0)
	c.text("请您", official(Guidance(l.Turned).ZH), 0)
	if note != "" {
		c.text("说明", note, 0)
	}
	c.pairs(PaperPair{"受理部门", door, true}, PaperPair{"地址", "", true}, PaperPair{"电话", "", true})
	c.signs(PaperSign{Who: "告知人(签名)", Seal: true}, PaperSign{Who: "选民(签名,自愿)"})
}
