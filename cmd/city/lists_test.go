package main

import (
	"reflect"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/tuitest"
)

// screen opens a screen over SSH.
func (g *colleague) screen(w, h int) *tuitest.Terminal {
	g.t.Helper()
	c, err := ssh.Dial("tcp", g.addr, &ssh.ClientConfig{User: "anyone", Auth: []ssh.AuthMethod{ssh.PublicKeys(g.signer)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: patience})
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = c.Close() })
	return tuitest.Shell(g.t, c, w, h)
}

// TestAListIsKeptOnTheCitysScreen: the office changes a unit, adds one, ends
// one and sets a limit on a screen over SSH; after a sync the kiosk has it all,
// over real HTTP. A table that is imported afterwards says nothing new.
func TestAListIsKeptOnTheCitysScreen(t *testing.T) {
	f := newFolder(t)
	code := strings.TrimSpace(f.ok("enroll", "QA01"))
	qian := newColleague(t)
	f.ok("user", "add", "钱进", "--role", "city", "--key", qian.pub)
	f.ok("import", "units", file(t, "units.csv", "单位编号,单位名称,类别,电话,对口分类\nGA,公安局,gov,0511-86000001,61\nCG,城市管理局,gov,,1\n"))
	url, addr := f.serveSSH("--name", "丹阳市人大")
	qian.addr = addr
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, code); err != nil {
		t.Fatal(err)
	}
	k.mustSync()
	if u := k.desk.UnitName("GA"); u != "公安局" {
		t.Fatalf("the kiosk has %q", u)
	}

	s := qian.screen(80, 24)
	s.WaitText("名录")
	s.Key("4")
	s.WaitText("城市管理局", "F8 撤销")
	s.Key("down", "enter")
	s.WaitText("更改单位", "GA   公安局")
	s.Key("ctrl+u")
	s.Type("市公安局")
	s.Key("f10")
	s.WaitText("已保存 市公安局")
	s.Key("f6")
	s.WaitText("添加单位")
	s.Type("jt")
	s.Key("tab")
	s.Type("交通运输局")
	s.Key("f10")
	s.WaitText("已保存 交通运输局")
	s.Key("home", "f8")
	s.WaitText("撤销 城市管理局")
	s.Type("并入住建局")
	s.Key("enter")
	s.WaitText("已记录:城市管理局")
	s.Key("esc")
	s.WaitText("待办")
	s.Key("5")
	s.WaitText("办理期限", "F6 加期限")
	s.Key("down", "f6")
	s.WaitText("加办理期限", "交办")
	s.Key("tab", "tab")
	s.Type("2")
	s.Key("tab", "tab", "tab")
	s.Type("2099-01-01")
	s.Key("f10")
	s.WaitText("的期限是 2 个工作日")
	s.Key("right", "enter")
	s.WaitText("已保存 交办", "现行,至 2098-12-31")
	k.mustSync()

	for code, want := range map[string]station.UndertakingUnit{
		"GA": {Code: "GA", Name: "市公安局", Kind: "gov", Phone: "0511-86000001"}, "JT": {Code: "JT", Name: "交通运输局", Kind: "gov"},
		"CG": {Code: "CG", Name: "城市管理局", Kind: "gov", Ended: true, EndReason: "并入住建局"}} {
		got, ok := k.desk.Unit(code)
		if !ok || got.Name != want.Name || got.Kind != want.Kind || got.Phone != want.Phone || got.Ended != want.Ended || got.EndReason != want.EndReason {
			t.Errorf("the kiosk has %+v, want %+v", got, want)
		}
	}
	if us := k.desk.FindUnits(""); len(us) != 2 {
		t.Errorf("the kiosk offers %+v", us)
	}
	var limits []string
	for _, l := range k.desk.Limits() {
		if l.Timer == station.TimerAssign {
			limits = append(limits, l.Code+" "+l.From.String())
		}
	}
	if strings.Join(limits, ",") != "T2-2 2099-01-01,T2 " {
		t.Errorf("the kiosk's limits %q", limits)
	}

	same := "单位编号,单位名称,类别,电话,对口分类,状态\nGA,市公安局,gov,0511-86000001,61,\nCG,城市管理局,gov,,1,撤销\n"
	if out := f.ok("import", "units", file(t, "again.csv", same)); !strings.Contains(out, "recorded 0") {
		t.Errorf("what the screen wrote and the table repeats: %s", out)
	}
	acts := map[string]bool{}
	for _, a := range objects[station.AuditLine](t, f.ok("audit", "--json")) {
		if a.Act == station.ActList {
			acts[a.Object+" "+a.Door] = true
		}
	}
	for _, want := range []string{"unit GA ssh", "unit JT ssh", "unit CG ssh", "limit T2-2 ssh"} {
		if !acts[want] {
			t.Errorf("the audit log lacks %q: %v", want, acts)
		}
	}
}

// TestATableWithoutAColumnLeavesWhatIsHeld: a short table of new telephone
// numbers brought ended units back, and took names of categories and deputies'
// seats away, since a column that was not there read as an empty one.
func TestATableWithoutAColumnLeavesWhatIsHeld(t *testing.T) {
	f := newFolder(t)
	code := strings.TrimSpace(f.ok("enroll", "QA01"))
	f.ok("import", "leaders", file(t, "l.csv", "领导编号,姓名,职务,分管工作,对口分类\nL1,王一,副市长,住建,1、2\n"))
	f.ok("import", "committees", file(t, "c.csv", "工委编号,名称,联系人,电话,对口分类\nC1,城建工委,李二,0511-86000003,1\n"))
	f.ok("import", "units", file(t, "u.csv", "单位编号,单位名称,类别,上级单位,分管领导,对口分类,状态,撤销原因\n"+
		"GA,公安局,gov,,L1,61,,\nCG,城市管理局,gov,,L1,1,撤销,并入住建局\n"))
	f.ok("import", "deputies", file(t, "d.csv", "代表编号,姓名,性别,单位职务,代表级别,届次,选区\nD1,赵三,女,前艾村 书记,市、镇,十八届,一选区\n"))
	f.ok("import", "groups", file(t, "g.csv", "小组编号,名称,联络站,组长,成员\nG1,第一小组,QA01,D1,D1\n"))
	f.ok("import", "limits", file(t, "t.csv", "期限编号,环节,处理方式,难度,期限,单位,提前提醒,生效日期\nX1,T2,E,是,9,工作日,3,2026-01-01\n"))
	f.ok("import", "classes", file(t, "r.csv", "方案,类,含义,英文,计入办成,须承诺,生效日期\n9,A,已经解决,solved,是,是,2026-01-01\n"))

	f.ok("import", "villages", file(t, "v.csv", "村居代码,镇街,村居\n321181002001,曲阿街道,前艾村\n"))

	f.ok("import", "villages", file(t, "v2.csv", "村居代码,村居\n321181002001,前艾社区\n"))
	f.ok("import", "leaders", file(t, "l2.csv", "领导编号,姓名\nl1,王一一\n"))
	f.ok("import", "committees", file(t, "c2.csv", "工委编号,名称\nC1,城建环资工委\n"))
	f.ok("import", "units", file(t, "u2.csv", "单位编号,单位名称,电话\nga,市公安局,0511-86000001\nCG,城管局,0511-86000002\n"))
	f.ok("import", "deputies", file(t, "d2.csv", "代表编号,姓名,手机\nd1,赵三,13800138001\n"))
	f.ok("import", "groups", file(t, "g2.csv", "小组编号,名称\nG1,前艾小组\n"))
	f.ok("import", "limits", file(t, "t2.csv", "期限编号,环节,期限,单位\nX1,T2,8,工作日\n"))
	f.ok("import", "classes", file(t, "r2.csv", "方案,类,含义\n9,A,解决了\n"))
	f.ok("import", "units", file(t, "u3.csv", "单位编号,单位名称,分管领导\nCG,城管局,\n")) // an empty cell says that there is none
	url, _ := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, code); err != nil {
		t.Fatal(err)
	}
	k.mustSync()
	d := k.desk
	var limit station.Limit
	for _, l := range d.Limits() {
		if l.Code == "X1" {
			limit = l
		}
	}
	village, _ := d.Village("321181002001")
	leader, _ := d.Leader("L1")
	committee, _ := d.Committee("C1")
	police, _ := d.Unit("GA")
	yard, _ := d.Unit("CG")
	deputy, _ := d.Deputy("D1")
	group, _ := d.Group("G1")
	class, _ := d.ResultClass(station.ClassCode(9, "A"))
	day := typed.Date{Year: 2026, Month: 1, Day: 1}
	seat := station.Mandate{Term: "十八届", Constituency: "一选区"}
	city, town := seat, seat
	city.Level, town.Level = "市", "镇"
	for _, x := range []struct{ got, want any }{
		{village, station.Village{Code: "321181002001", Town: "曲阿街道", Name: "前艾社区"}},
		{leader, station.Leader{Code: "L1", Name: "王一一", Post: "副市长", Portfolio: "住建", Categories: []string{"1", "2"}}},
		{committee, station.Committee{Code: "C1", Name: "城建环资工委", Contact: "李二", Phone: "0511-86000003", Categories: []string{"1"}}},
		{police, station.UndertakingUnit{Code: "GA", Name: "市公安局", Kind: "gov", Phone: "0511-86000001", Leader: "L1", Categories: []string{"61"}}},
		{yard, station.UndertakingUnit{Code: "CG", Name: "城管局", Kind: "gov", Phone: "0511-86000002", Categories: []string{"1"}, Ended: true, EndReason: "并入住建局"}},
		{deputy, station.Deputy{Code: "D1", Name: "赵三", Sex: "female", Post: "前艾村 书记", Phone: "13800138001", Mandates: []station.Mandate{city, town}}},
		{group, station.Group{Code: "G1", Name: "前艾小组", Station: "QA01", Head: "D1", Members: []string{"D1"}}},
		{limit, station.Limit{Code: "X1", Timer: station.TimerAssign, Disposition: limit.Disposition, Hard: true, Count: 8, Unit: limit.Unit, Warn: 3, From: day}},
		{class, station.ResultClass{Code: station.ClassCode(9, "A"), Scheme: 9, Class: "A", Label: "解决了", LabelEN: "solved", CountsDone: true, NeedsFollowUp: true, From: day}},
	} {
		if !reflect.DeepEqual(x.got, x.want) {
			t.Errorf("held\n%+v, want\n%+v", x.got, x.want)
		}
	}
	if limit.Disposition == "" {
		t.Error("the limit's disposition is gone")
	}
}

// TestAnImportRewroteTheRulesInForce: a table without days turned a rate of
// 3/5 into 0/5, and moved the deadline of a matter that was assigned before.
func TestAnImportRewroteTheRulesInForce(t *testing.T) {
	f := newFolder(t)
	code := strings.TrimSpace(f.ok("enroll", "QA01"))
	f.ok("import", "limits", file(t, "first.csv", "期限编号,环节,期限,单位\nT3,签收,4,工作日\n")) // nothing was reckoned by the one built in
	url, _ := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, code); err != nil {
		t.Fatal(err)
	}
	k.receive("李小红", "公交班次太少,希望增加", "city")
	k.mustSync()
	for _, c := range []struct{ kind, text, out, row, says string }{
		{"classes", "方案,类,含义,计入办成\n1,A,已解决了的,否\n1,B,正在解决或有关工作已启动,否\n", "recorded 0, known already 1, refused 1", "第 2 行", "要换含义请用新的方案"},
		{"classes", "方案,类,含义\n2,A,已解决了的\n", "recorded 0, known already 0, refused 1", "第 2 行", "生效日期: 请写明从哪天起生效"},
		{"limits", "期限编号,环节,处理方式,期限,单位\nT3,签收,,10,工作日\n", "recorded 0, known already 0, refused 1", "第 2 行", "写明从哪天起"},
		{"limits", "期限编号,环节,期限,单位,生效日期\nT3,签收,4,工作日,\nT2,交办,2,工作日,2020-01-01\nT3-2,签收,10,工作日,2099-01-01\n", "recorded 1, known already 1, refused 1", "第 3 行", "请写今天或以后的一天"},
	} {
		path := file(t, c.kind+".csv", c.text)
		if out, _, code := f.do("import", c.kind, path, "--dry-run"); code != 1 || !strings.Contains(out, strings.Replace(c.out, "recorded", "would record", 1)) {
			t.Errorf("%s: dry run: exit %d, %s", c.text, code, out)
		}
		if out, errs, code := f.do("import", c.kind, path); code != 1 || !strings.Contains(out, c.out) || !strings.Contains(errs, c.row) || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, %s%s", c.text, code, out, errs)
		}
	}
	k.mustSync()
	if c, _ := k.desk.ResultClass("1A"); !c.CountsDone {
		t.Errorf("the class that was used is %+v", c)
	}
	if l, ok := k.desk.LimitFor(station.TimerSign, "city", false); !ok || l.Count != 4 {
		t.Errorf("the limit in force is %+v", l)
	}
}

// TestAShortRosterWipedTheSeats: a table with any one column of the seats took
// their other columns away, and all but one of the seats.
func TestAShortRosterWipedTheSeats(t *testing.T) {
	f := newFolder(t)
	const first = "代表编号,姓名,级别,届次,选区,代表小组,任期起\n" +
		"D001,李建国,市,17届,第一选区,曲阿小组,\nD001,李建国,镇,17届,第九选区,曲阿小组,\n" +
		"D002,王秀英,市,16届,第二选区,一组,2016-01-01\nD002,王秀英,市,17届,第三选区,一组,2021-01-01\n" +
		"D003,孙一,,,,,\n"
	seats := func(code string) string {
		t.Helper()
		for _, d := range objects[station.Deputy](t, f.ok("list", "deputies", "--json")) {
			if d.Code == code {
				var out []string
				for _, m := range d.Mandates {
					out = append(out, strings.Join([]string{m.Level, m.Term, m.Constituency, m.Group}, " "))
				}
				return strings.Join(out, "|")
			}
		}
		return "none"
	}
	f.ok("enroll", "QA01")
	for _, c := range []struct{ table, code, want string }{
		{"代表编号,姓名,代表小组\nD001,李建国,新曲阿小组\n", "D001", "市 17届 第一选区 新曲阿小组|镇 17届 第九选区 新曲阿小组"},
		{"代表编号,姓名,代表小组\nD001,李建国,\n", "D001", "市 17届 第一选区 |镇 17届 第九选区 "},
		{"代表编号,姓名,级别,代表小组\nD001,李建国,市,新小组\nD001,李建国,镇,曲阿小组\n", "D001", "市 17届 第一选区 新小组|镇 17届 第九选区 曲阿小组"},
		{"代表编号,姓名,级别\nD001,李建国,市、镇\n", "D001", "市 17届 第一选区 曲阿小组|镇 17届 第九选区 曲阿小组"},
		{"代表编号,姓名,级别,届次\nD001,李建国,市,18届\n", "D001", "市 18届 第一选区 曲阿小组"},
		{"代表编号,姓名,级别,选区\nD001,李建国,省,第四选区\n", "D001", "省  第四选区 "},
		{"代表编号,姓名,级别,代表小组\nD002,王秀英,市,二组\n", "D002", "市 16届 第二选区 二组|市 17届 第三选区 二组"},
		{"代表编号,姓名,级别,届次,代表小组\nD002,王秀英,市,17届,二组\n", "D002", "市 17届 第三选区 二组"},
		{"代表编号,姓名,代表小组\nD003,孙一,三组\n", "D003", "   三组"},
		{"代表编号,姓名,选区\nD003,孙一,五选区\nD003,孙一,六选区\n", "D003", "  五选区 |  六选区 "},
	} {
		f.ok("import", "deputies", file(t, "whole.csv", first))
		f.ok("import", "deputies", file(t, "short.csv", c.table))
		if got := seats(c.code); got != c.want {
			t.Errorf("%s: held %q, want %q", c.table, got, c.want)
		}
		if out := f.ok("import", "deputies", file(t, "again.csv", c.table)); !strings.Contains(out, "recorded 0") {
			t.Errorf("%s: once more: %s", c.table, out)
		}
	}
	f.ok("import", "deputies", file(t, "whole.csv", first))
	before := seats("D001")
	for says, table := range map[string]string{
		"请加“级别”一列": "代表编号,姓名,选区\nD001,李建国,五选区\nD001,李建国,六选区\n",
		"整位未改":     "代表编号,姓名,级别,任期起\nD001,李建国,市,2021-01-01\nD001,李建国,镇,2021-13-01\n",
	} {
		if out, errs, code := f.do("import", "deputies", file(t, "two.csv", table)); code != 1 || !strings.Contains(errs, says) || !strings.Contains(out, "refused 2") {
			t.Errorf("%s: exit %d, %s%s", table, code, out, errs)
		}
	}
	if got := seats("D001"); got != before {
		t.Errorf("held %q, want %q", got, before)
	}
}

// TestABadRowMadeAHolidayAWorkingDay: a row that was refused left the rest of
// the year stored without it, and a supplement of one row took the year's other
// days away.
func TestABadRowMadeAHolidayAWorkingDay(t *testing.T) {
	f := newFolder(t)
	code := strings.TrimSpace(f.ok("enroll", "QA01"))
	url, _ := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, code); err != nil {
		t.Fatal(err)
	}
	held := func() string {
		t.Helper()
		k.mustSync()
		var out []string
		c := k.desk.Calendar()
		for _, d := range []typed.Date{{Year: 2026, Month: 10, Day: 1}, {Year: 2026, Month: 10, Day: 2}, {Year: 2026, Month: 10, Day: 5}, {Year: 2027, Month: 1, Day: 1}} {
			if c.Off[d] {
				out = append(out, d.String())
			}
		}
		return strings.Join(out, " ")
	}
	const head = "日期,类别,节日\n"
	for _, c := range []struct {
		rows, flag string
		exit       int
		out, errs  string
		held       string
	}{
		{"2026-10-01,放假,国庆\n2026-10-02,放假,国庆\n", "", 0, "2026 年:2 天,原有 0 天", "", "2026-10-01 2026-10-02"},
		{"2026-10-01,放假,国庆\n2026-10-02,放价,国庆\n2026-10-05,放假,国庆\n2027-01-01,放假,元旦\n", "", 1, "2027 年:1 天,原有 0 天", "2026 年有未收的行,整年未改", "2026-10-01 2026-10-02 2027-01-01"},
		{"2026-10-01,放假,国庆\n2026-10-05,放假,国庆\n2026-10-32,放假,国庆\n", "", 1, "recorded 0", "2026 年有未收的行,整年未改", "2026-10-01 2026-10-02 2027-01-01"},
		{"2026-10-01,放假,国庆\n2026-10-05,放假,国庆\n国庆节,放假,国庆\n", "", 1, "recorded 0", "整年未改", "2026-10-01 2026-10-02 2027-01-01"},
		{"2026-10-05,放假,国庆\n", "", 1, "recorded 0", "已有 2 天,表里只有 1 天", "2026-10-01 2026-10-02 2027-01-01"},
		{"2026-10-01,放假,国庆\n2026-10-02,放假,国庆\n2026-10-05,放假,国庆\n", "", 0, "2026 年:3 天,原有 2 天", "", "2026-10-01 2026-10-02 2026-10-05 2027-01-01"},
		{"2026-10-05,放假,国庆\n", "--replace", 0, "2026 年:1 天,原有 3 天", "", "2026-10-05 2027-01-01"},
		{"2026-10-05,放假,国庆\n", "", 0, "recorded 0, known already 1", "", "2026-10-05 2027-01-01"},
	} {
		args := []string{"import", "calendar", file(t, "c.csv", head+c.rows)}
		if c.flag != "" {
			args = append(args, c.flag)
		}
		if out, errs, exit := f.do(args...); exit != c.exit || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) {
			t.Errorf("%s: exit %d, %s%s", c.rows, exit, out, errs)
		}
		if got := held(); got != c.held {
			t.Errorf("%s: held %s, want %s", c.rows, got, c.held)
		}
	}
}

// TestOneBadRowKeptTheOthersOut: a row that only the desk refused kept every
// other one of the table out without a word, and a dry run promised them all.
func TestOneBadRowKeptTheOthersOut(t *testing.T) {
	f := newFolder(t)
	f.ok("enroll", "QA01")
	for kind, rows := range map[string][3]string{
		"units": {"单位编号,单位名称", "GA,公安局", "CG,"}, "leaders": {"领导编号,姓名", "L1,王一", "L2," + strings.Repeat("长", 300)},
		"committees": {"工委编号,名称", "C1,城建工委", "C 2/3,x"}, "groups": {"小组编号,名称,组长", "G1,一组,", "G2,,"},
		"deputies": {"代表编号,姓名,手机", "D1,赵三,", "D2,钱四,12"}, "villages": {"村居代码,村居", "321181002001,前艾村", "321181002002," + strings.Repeat("长", 300)},
		"categories": {"一级分类,二级分类", "城乡建设,道路", "环境保护," + strings.Repeat("长", 300)},
		"limits":     {"期限编号,环节,期限,单位", "X1,T2,8,工作日", "X2,T2,-8,工作日"}, "classes": {"方案,类,含义", "9,A,已解决", "9,B,"},
	} {
		path := file(t, kind+".csv", strings.Join(rows[:], "\n")+"\n")
		want := "recorded 1, known already 0, refused 1"
		if kind == "categories" {
			want = "recorded 3, known already 0, refused 1" // three names of the tree
		}
		if out, _, code := f.do("import", kind, path, "--dry-run"); code != 1 || !strings.Contains(out, strings.Replace(want, "recorded", "would record", 1)) {
			t.Errorf("%s: dry run: exit %d, %s", kind, code, out)
		}
		if out, errs, code := f.do("import", kind, path); code != 1 || !strings.Contains(out, want) || !strings.Contains(errs, "第 3 行") {
			t.Errorf("%s: exit %d, %s%s", kind, code, out, errs)
		}
	}
}
