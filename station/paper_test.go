package station_test

import (
	"slices"
	"strings"
	"testing"

	"liaison/station"
)

// standing is everything that stands on a paper.
func standing(ps ...station.Paper) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.Office + "\n" + p.Title + "\n" + p.Number + "\n")
		for _, x := range p.Blocks {
			b.WriteString(x.Label + "\n" + x.Text + "\n" + strings.Join(x.Ticks, "\n") + "\n")
			for _, y := range x.Pairs {
				b.WriteString(y.Label + " " + y.Value + "\n")
			}
			for _, s := range x.Signs {
				b.WriteString(s.Who + "\n")
			}
		}
	}
	return b.String()
}

// papers prints what who asks for, or fails the test.
func papers(t testing.TB, d *station.Desk, who station.Who, number string, kind station.PaperKind, reveal bool) string {
	t.Helper()
	x, err := d.DossierByNumber(who, number)
	if err != nil {
		t.Fatal(err)
	}
	ps, err := d.PapersOf(who, x, kind, reveal)
	if err != nil {
		t.Fatalf("%s of %s: %v", kind, number, err)
	}
	return standing(ps...)
}

// now lists the papers of a matter in one word each, and holds that the others
// are refused with what to do.
func now(t testing.TB, d *station.Desk, who station.Who, number string) string {
	t.Helper()
	x, err := d.DossierByNumber(who, number)
	if err != nil {
		t.Fatal(err)
	}
	ks := d.PapersNow(x)
	var out []string
	for _, k := range station.Papers {
		kind := station.PaperKind(k.Code)
		ps, err := d.Compose(x, kind, false)
		if !slices.Contains(ks, kind) {
			problem(t, err, "paper-not-yet")
			continue
		}
		if err != nil || len(ps) == 0 || ps[0].Kind != kind || ps[0].Named {
			t.Errorf("%s of %s: %+v, %v", kind, number, ps, err)
		}
		out = append(out, k.Code)
	}
	return strings.Join(out, " ")
}

func has(t testing.TB, what, text string, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}

func hasNot(t testing.TB, what, text string, ws ...string) {
	t.Helper()
	for _, w := range ws {
		if strings.Contains(text, w) {
			t.Errorf("%s has %q:\n%s", what, w, text)
		}
	}
}

// A matter is brought from the voter's word to the file; at each state the
// papers of that state exist, and no others.
func TestPapersFollowTheMatter(t *testing.T) {
	b := newDesk(t)
	b.roster()
	if err := b.SetInfo(station.Owner(), station.Info{Code: "QA01", Name: "曲阿街道代表联络站"}); err != nil {
		t.Fatal(err)
	}
	l := b.matter("town")
	step := func(who station.Who, s station.Step, want string) {
		t.Helper()
		l = b.take(who, l, s)
		if got := now(t, b.Desk, head, l.Number); got != want {
			t.Errorf("%s, there are %q, want %q", l.State.Text().EN, got, want)
		}
	}
	if got := now(t, b.Desk, head, l.Number); got != "slip form" {
		t.Errorf("recorded, there are %q", got)
	}
	has(t, "slip", papers(t, b.Desk, head, l.Number, station.PaperSlip, false), "曲阿街道接〔2026〕第A0001号", l.Number, "2026年11月23日", "交镇街", "交办后起算", "王*明", "个人信息")
	step(head, station.Step{Action: station.DoReview}, "slip form")
	assign := station.Step{Action: station.DoAssign, Unit: "城管中队", Units: []string{"供电所"}, DocNo: "曲街交〔2026〕3号", Note: "请当天派人查看。"}
	step(head, assign, "slip form assign")
	step(attendant, station.Step{Action: station.DoReturn, Note: "归供电所管"}, "slip form") // it lies at nobody's now
	step(head, station.Step{Action: station.DoReview}, "slip form")
	step(head, assign, "slip form assign")
	has(t, "assignment", papers(t, b.Desk, head, l.Number, station.PaperAssign, false), "交办单", "城管中队", "供电所", "曲街交〔2026〕3号", "请当天派人查看。", "签收/退回联",
		"签收期限 2026年11月30日", "办理期限 2026年12月14日", "王*明", "138****8000", "路灯坏了半个月,晚上", "交办人 周立（签名）")
	has(t, "slip", papers(t, b.Desk, head, l.Number, station.PaperSlip, false), "承办单位 城管中队", "办理期限 2026年12月14日")
	step(attendant, station.Step{Action: station.DoAccept}, "slip form assign")
	step(attendant, station.Step{Action: station.DoReply, Text: "灯已换。", Class: "B", Date: b.Today().AddDays(30), DocNo: "城管复〔2026〕9号"}, "slip form assign feedback")
	result := papers(t, b.Desk, head, l.Number, station.PaperFeedback, false)
	has(t, "result", result, "灯已换。", "城管复〔2026〕9号", "承诺完成 2026年12月23日", "选民评价（背面）", "基本满意", "不满意")
	step(attendant, station.Step{Action: station.DoFeedback, Means: "phone"}, "slip form assign feedback")
	step(other, station.Step{Action: station.DoRate, Attitude: "good", Outcome: "fair"}, "slip form assign feedback")
	result = papers(t, b.Desk, head, l.Number, station.PaperFeedback, false)
	has(t, "rated result", result, "办理态度 满意", "办理结果 基本满意", "反馈方式 电话")
	hasNot(t, "rated result", result, "不满意\n")
	step(head, station.Step{Action: station.DoClose}, "slip form assign feedback")
	step(head, station.Step{Action: station.DoFile}, "slip form assign feedback")
	has(t, "form", papers(t, b.Desk, head, l.Number, station.PaperForm, false), "接待选民登记表", "进站", "C 交镇街", "周立：C 交镇街", "灯已换。", "站长（签名）", "选民（签名，自愿）")
}

// What is not accepted, guided, answered at once, joined to another, made a
// proposal or void has the papers that go with that.
func TestPapersOfOtherWays(t *testing.T) {
	b := newDesk(t)
	b.roster()
	for disposition, want := range map[string]string{"onspot": "slip form", "guide": "slip form guide", "refuse": "slip form guide", "collect": "slip form", "proposal": "slip form"} {
		if got := now(t, b.Desk, head, b.matter(disposition).Number); got != want {
			t.Errorf("%s: %q, want %q", disposition, got, want)
		}
	}
	l := b.take(attendant, b.matter("town"), station.Step{Action: station.DoRefuse, Disposition: "refuse", Reason: "court", Note: "已在法院"})
	paper := papers(t, b.Desk, head, l.Number, station.PaperGuide, false)
	has(t, "notice", paper, "不予受理告知单", "应走或正在诉讼、仲裁、复议", "法律援助中心（电话 12348）", "已在法院")
	l = b.take(attendant, b.matter("town"), station.Step{Action: station.DoRefuse, Disposition: "guide", Reason: "hotline"})
	paper = papers(t, b.Desk, head, l.Number, station.PaperGuide, false)
	has(t, "notice", paper, "引导告知单", "受理部门 12345 热线", "二十四小时")

	first := b.take(head, b.matter("town"), station.Step{Action: station.DoReview})
	second := b.take(attendant, b.matter("town"), station.Step{Action: station.DoJoin, Lead: first.MatterID})
	first = b.take(head, first, station.Step{Action: station.DoAssign, Unit: "城管中队"})
	has(t, "slip of a follower", papers(t, b.Desk, head, second.Number, station.PaperSlip, false), "并入已有事项 "+first.Number)
	x, err := b.DossierByNumber(head, second.Number)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Compose(x, station.PaperAssign, false)
	problem(t, err, "paper-not-yet")
	if p := station.Say(err); !strings.Contains(p.ZH, first.Number) || !strings.Contains(p.EN, first.Number) {
		t.Errorf("a follower's assignment: %+v", p)
	}
	first = b.take(attendant, b.take(attendant, first, station.Step{Action: station.DoAccept}), station.Step{Action: station.DoReply, Text: "已换灯。", Class: "A"})
	if got := now(t, b.Desk, head, second.Number); got != "slip form feedback" { // its own voter is told apart
		t.Errorf("a follower that was answered has %q", got)
	}
	gone := b.matter("town")
	if err := b.Void(head, b.lookup(gone.Number), "录错了"); err != nil {
		t.Fatal(err)
	}
	if got := now(t, b.Desk, head, gone.Number); got != "slip form" {
		t.Errorf("a void one has %q", got)
	}
	has(t, "void slip", papers(t, b.Desk, head, gone.Number, station.PaperSlip, false), "作废 录错了")
	_, err = b.Compose(x, "poster", false)
	problem(t, err, "unknown-word")
}

// A reception of several matters: one slip for all, one form each, and one
// assignment for the one that is assigned.
func TestPapersOfSeveralMatters(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Matters = append(r.Matters, station.Issue{Content: "水渠塌了一段。", Category: "21", Disposition: "village"})
	s := b.receive(attendant, r)
	if got := papers(t, b.Desk, head, string(s.Number), station.PaperSlip, false); strings.Count(got, "处理 ") != 2 || !strings.Contains(got, "事项2 水渠塌了一段") {
		t.Errorf("slip:\n%s", got)
	}
	if got := papers(t, b.Desk, head, s.Number.Matter(2), station.PaperSlip, false); strings.Count(got, "处理 ") != 1 || strings.Contains(got, "路灯") {
		t.Errorf("slip of the second:\n%s", got)
	}
	x, err := b.DossierByNumber(head, string(s.Number))
	if err != nil {
		t.Fatal(err)
	}
	if ps, err := b.Compose(x, station.PaperForm, false); err != nil || len(ps) != 2 || ps[1].Number != s.Number.Matter(2) {
		t.Errorf("forms: %+v, %v", ps, err)
	}
	l, err := b.LifeByNumber(head, s.Number.Matter(2))
	if err != nil {
		t.Fatal(err)
	}
	b.take(head, b.take(head, l, station.Step{Action: station.DoReview}), station.Step{Action: station.DoAssign, Unit: "前艾村"})
	if x, err = b.DossierByNumber(head, string(s.Number)); err != nil {
		t.Fatal(err)
	}
	if ps, err := b.Compose(x, station.PaperAssign, false); err != nil || len(ps) != 1 || ps[0].Number != s.Number.Matter(2) {
		t.Errorf("assignments: %+v, %v", ps, err)
	}
}

// A name or phone in full is an act that is recorded, once and only where it
// stands on the paper; who may not see the matter has no paper of it.
func TestAPaperWithTheNameIsAReveal(t *testing.T) {
	b := newDesk(t)
	b.roster()
	reveals := func() int {
		t.Helper()
		lines, err := b.AuditLog(station.Owner(), station.AuditQuery{Act: station.ActReveal})
		if err != nil {
			t.Fatal(err)
		}
		return len(lines)
	}
	l := b.matter("town")
	l = b.take(head, b.take(head, l, station.Step{Action: station.DoReview}), station.Step{Action: station.DoAssign, Unit: "城管中队"})
	for _, kind := range []station.PaperKind{station.PaperSlip, station.PaperForm, station.PaperAssign} {
		n := reveals()
		hasNot(t, string(kind), papers(t, b.Desk, attendant, l.Number, kind, false), "王小明", "13800138000")
		if reveals() != n {
			t.Errorf("a masked %s is recorded as a reveal", kind)
		}
		has(t, string(kind), papers(t, b.Desk, attendant, l.Number, kind, true), "王小明")
		if reveals() != n+1 {
			t.Errorf("a whole %s made %d reveals", kind, reveals()-n)
		}
	}
	for who, code := range map[*station.Who]string{&admin: station.ErrForbidden, &deputy2: station.ErrForbidden, &nobody: station.ErrForbidden} {
		if _, err := b.DossierByNumber(*who, l.Number); err == nil {
			t.Errorf("%s has papers", who.Name)
		} else {
			problem(t, err, code)
		}
	}
	b.follow(l, deputy1)
	has(t, "what concerns a deputy", papers(t, b.Desk, deputy1, l.Number, station.PaperSlip, false), "路灯")

	secret := lamp()
	secret.Confidential, secret.Matters[0].Disposition = true, "town"
	s := b.receive(attendant, secret)
	if l, _ = b.LifeByNumber(head, string(s.Number)); !l.Secret {
		t.Fatal("it is not secret")
	}
	l = b.take(head, b.take(head, l, station.Step{Action: station.DoReview}), station.Step{Action: station.DoAssign, Unit: "城管中队"})
	l = b.take(attendant, b.take(attendant, l, station.Step{Action: station.DoAccept}), station.Step{Action: station.DoReply, Text: "已换。", Class: "A"})
	n := reveals()
	for _, kind := range []station.PaperKind{station.PaperAssign, station.PaperFeedback} { // both go through the unit
		got := papers(t, b.Desk, head, l.Number, kind, true)
		hasNot(t, "secret "+string(kind), got, "王小明", "王*明", "13800138000", "138****8000")
	}
	if reveals() != n {
		t.Error("what names nobody is recorded as a reveal")
	}
	has(t, "the secret slip, for the voter", papers(t, b.Desk, head, l.Number, station.PaperSlip, true), "王小明")
}

// At the city the name is there only where a contact record was sent.
func TestPapersAtTheCity(t *testing.T) {
	w := newRealm(t)
	here, handed := lamp(), lamp()
	here.Matters[0].Disposition = "town"
	handed.Voter.Name, handed.Voter.Phone, handed.Matters[0].Disposition = "单雄信", "13700137000", "city"
	a, b := w.receive(w.one, here), w.receive(w.two, handed)
	w.carry()
	got := papers(t, w.city.Desk, office, string(a.Number), station.PaperForm, true)
	has(t, "form of what was not handed on", got, "QA01 站", "存于登记站，未随件上报")
	hasNot(t, "form of what was not handed on", got, "王小明", "13800138000")
	l, err := w.city.LifeByNumber(office, string(b.Number))
	for _, s := range []station.Step{{Action: station.DoReview, Disposition: "city"}, {Action: station.DoAssign, Unit: "交通运输局"}} {
		if err == nil {
			l, err = w.city.Take(office, l, s)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	got = papers(t, w.city.Desk, office, string(b.Number), station.PaperAssign, true)
	has(t, "the city's assignment", got, "市人大代表工委", "交通运输局", "单雄信", "13700137000", "交办人 钱进（签名）")
	has(t, "the city's assignment", papers(t, w.city.Desk, leader, string(b.Number), station.PaperAssign, false), "单*信", "137****7000")
	w.carry()
	has(t, "the same at the station", papers(t, w.two.Desk, head, string(b.Number), station.PaperAssign, false), "市人大代表工委", "交通运输局", "单*信")
}

// A document number is made of the number and the station's own name, and left
// out where that gives none.
func TestDocNumber(t *testing.T) {
	b := newDesk(t)
	for _, c := range []struct {
		name, number string
		matter       int
		want         string
	}{
		{"曲阿街道代表联络站", "QA01-26A-0123-K", 0, "曲阿街道接〔2026〕第A0123号"},
		{"司徒镇人大代表联络站", "QA01-26BC-12345-9", 2, "司徒镇接〔2026〕第BC12345-2号"},
		{"代表联络站", "QA01-26A-0123-K", 0, ""},
		{"曲阿之家", "QA01-26A-0123-K", 0, ""},
		{"一个名字长得写不进文号的代表联络站", "QA01-26A-0123-K", 0, ""},
		{"曲阿街道代表联络站", "junk", 0, ""},
	} {
		if err := b.SetInfo(station.Owner(), station.Info{Code: "QA01", Name: c.name}); err != nil {
			t.Fatal(err)
		}
		if got := b.DocNumber("QA01", station.Number(c.number), c.matter); got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.number, c.name, got, c.want)
		}
	}
}

// A printer is named, never a command; and from elsewhere only who records
// prints.
func TestThePrinterIsAName(t *testing.T) {
	b := newDesk(t)
	s := b.Settings()
	s.Printer, s.Phone = "ＨＰ_1", "０５１１－８６１２３４５６"
	if err := b.SaveSettings(head, s); err != nil {
		t.Fatal(err)
	}
	if got := b.Settings(); got.Printer != "HP_1" || got.Phone != "0511-86123456" {
		t.Errorf("settings %+v", got)
	}
	for _, name := range []string{"-o raw", "-P", "a/b", "a b", "#"} {
		s.Printer = name
		faulty(t, b.SaveSettings(head, s), "printer", "printer-form")
	}
	for who, may := range map[*station.Who]bool{&attendant: true, &head: true, &town: false, &deputy1: false, &office: false, &leader: false} {
		near, far := *who, *who
		near.Door, far.Door = "screen", "ssh"
		if near.MayPrint() != nil || (far.MayPrint() == nil) != may {
			t.Errorf("%s: near %v, far %v", who.Name, near.MayPrint(), far.MayPrint())
		}
	}
}
