package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/ledger"
)

// file writes a text to a file of its own.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Tables are taken in row by row: headings by their usual names, a dry run
// first, what is wrong named by its row, and the same table twice is once.
func TestTheOfficeLoadsItsLists(t *testing.T) {
	f := newFolder(t)
	f.ok("enroll", "QA01")
	for _, c := range []struct {
		kind, text, first, faults string
		code                      int
	}{
		{"units", "序号,单位编号,单位名称,类别,联系人,电话,对口分类,状态\n1,ga,公安局,政府部门,周明,0511-86000001,61、12,\n2,CG,城市管理局,gov,,,1,在用\n3,GA,重复的,gov,,,,\n4,XX,某单位,部委,,,,\n5,,没编号,,,,,\n6,SR,市容局,政府部门,,,,撤销\n",
			"recorded 3, known already 0, refused 3", "第 4 行;第 5 行;不认识“部委”;编号与第 2 行相同;缺编号", 1},
		{"leaders", "编号,姓名,职务,分管工作,分类\nL1,周正,副市长,公安、城管,6、1\n", "recorded 1", "", 0},
		{"committees", "工委编号,工委名称,对口分类\nHZ,环资城建工委,1\n", "recorded 1", "", 0},
		{"deputies", "代表编号,姓名,级别,代表小组\nD001,李建国,市,第三代表小组\n", "recorded 1", "", 0},
		{"groups", "小组编号,小组名称,站点,组长,成员\nG3,第三代表小组,QA01,D001,D001\nG4,第四代表小组,QA01,D404,\n", "recorded 1, known already 0, refused 1", "第 3 行;组长: 名册里没有代表编号", 1},
		{"calendar", "date,kind,name\n2026-10-01,holiday,国庆节\n2026-10-10,workday,国庆节\n2026-10-01,holiday,国庆节\n2026-13-01,holiday,x\n2027-01-01,放假,元旦\n", "recorded 1", "第 4 行;第 5 行;2026 年有未收的行", 1},
		{"calendar", "date,kind,name\n2026-10-01,holiday,国庆节\n2026-10-10,workday,国庆节\n", "recorded 1", "", 0},
		{"limits", "期限编号,时钟,处理方式,期限,单位,提前提醒,生效日期\nT5-village,办理,交村(社区),5,工作日,1,2027-01-01\nT9,缝衣,,3,wd,,\n", "recorded 1", "第 3 行", 1},
		{"classes", "方案,类,含义,计入办成,须承诺\n2,甲,已解决,是,\n2,乙,列入计划,,是\n", "recorded 2", "", 0},
		{"villages", "code,town,village\n321181002001,曲阿街道,前艾村\n12,曲阿街道,错的\n", "recorded 1", "第 3 行", 1},
	} {
		path := file(t, c.kind+".csv", c.text)
		if out, _, _ := f.do("import", c.kind, path, "--dry-run"); !strings.Contains(out, "would record") {
			t.Errorf("%s: dry run: %s", c.kind, out)
		}
		out, errs, code := f.do("import", c.kind, path)
		if code != c.code || !strings.Contains(out, c.first) {
			t.Errorf("%s: exit %d, %s%s", c.kind, code, out, errs)
		}
		for want := range strings.SplitSeq(c.faults, ";") {
			if !strings.Contains(errs, want) {
				t.Errorf("%s: %q is not named in %s", c.kind, want, errs)
			}
		}
		if out, _, _ := f.do("import", c.kind, path); !strings.Contains(out, "recorded 0") {
			t.Errorf("%s: a second time: %s", c.kind, out)
		}
	}
	us := objects[station.UndertakingUnit](t, f.ok("list", "units", "--json"))
	if len(us) != 3 || us[1].Code != "GA" || strings.Join(us[1].Categories, " ") != "61 12" || !us[2].Ended {
		t.Errorf("units %+v", us)
	}
	if out := f.ok("list", "units"); !strings.Contains(out, "公安局") || !strings.Contains(out, "已撤销") || strings.Contains(out, "86000001") {
		t.Errorf("units: %s", out)
	}
	f.no(2, "suggestionz", "import", "suggestionz", "x.csv")
	f.no(1, "没有", "import", "units", "nowhere.csv")
}

// colleague is somebody of the office with a key.
type colleague struct {
	t      *testing.T
	addr   string
	signer ssh.Signer
	pub    string // file
}

func newColleague(t *testing.T) *colleague {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return &colleague{t: t, signer: s, pub: file(t, "k.pub", string(ssh.MarshalAuthorizedKey(s.PublicKey())))}
}

func (g *colleague) session() *ssh.Session {
	g.t.Helper()
	c, err := ssh.Dial("tcp", g.addr, &ssh.ClientConfig{User: "anyone", Auth: []ssh.AuthMethod{ssh.PublicKeys(g.signer)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: patience})
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = c.Close() })
	s, err := c.NewSession()
	if err != nil {
		g.t.Fatal(err)
	}
	return s
}

// do is `ssh host words`.
func (g *colleague) do(stdin, words string) (out, errs string, code int) {
	g.t.Helper()
	s := g.session()
	var o, e bytes.Buffer
	s.Stdin, s.Stdout, s.Stderr = strings.NewReader(stdin), &o, &e
	err := s.Run(words)
	if x, ok := err.(*ssh.ExitError); ok {
		return o.String(), e.String(), x.ExitStatus()
	}
	if err != nil {
		g.t.Fatal(err)
	}
	return o.String(), e.String(), 0
}

// ok is a command that must succeed.
func (g *colleague) ok(words string) string {
	g.t.Helper()
	out, errs, code := g.do("", words)
	if code != 0 {
		g.t.Fatalf("%s: exit %d, %s", words, code, errs)
	}
	return out
}

// TestTheOfficeWorksOverSSH: a station records and syncs, the office imports
// units, sends a notice and a request, and sees what came back; by SSH, with
// the rights of each, on real HTTP. A screen over SSH shows the city's page.
func TestTheOfficeWorksOverSSH(t *testing.T) {
	f := newFolder(t)
	code := strings.TrimSpace(f.ok("enroll", "QA01"))
	qian, leader := newColleague(t), newColleague(t)
	f.ok("user", "add", "钱进", "--role", "city", "--key", qian.pub)
	f.ok("user", "add", "孙建", "--role", "leader", "--key", leader.pub)
	f.no(1, "attendant", "user", "add", "张敏", "--role", "attendant", "--key", qian.pub)
	url, addr := f.serveSSH("--name", "丹阳市人大")
	qian.addr, leader.addr = addr, addr
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, code); err != nil {
		t.Fatal(err)
	}
	n := k.receive("李小红", "公交班次太少,希望增加", "city")
	k.mustSync()

	out, errs, exit := qian.do("编号,名称,类别\nJT,交通运输局,政府部门\n", "city import units - --format csv")
	if exit != 0 || !strings.Contains(out, "recorded 1") {
		t.Errorf("import: %d %s%s", exit, out, errs)
	}
	if _, errs, exit := leader.do("编号,名称,类别\nX,x,gov\n", "import units - --format csv"); exit != 1 || !strings.Contains(errs, "没有这项权限") {
		t.Errorf("a leader imports: %d %s", exit, errs)
	}
	if out, _, exit := leader.do("", "list matters --json"); exit != 0 || !strings.Contains(out, n+"/1") || !strings.Contains(out, "13800138000") && strings.Contains(out, "voter") {
		t.Errorf("list: %d %s", exit, out)
	}
	if out, errs, exit := qian.do("", "show "+n+"/1"); exit != 0 || !strings.Contains(out, "公交班次太少") {
		t.Errorf("show: %d %s%s", exit, out, errs)
	}
	if out := qian.ok("show " + n + " --full"); !strings.Contains(out, "李小红") {
		t.Errorf("show in full: %s", out)
	}
	if out, errs, exit := qian.do("关于公交线网调整的通报\n自十二月起调整。\n", "notice - --must"); exit != 0 || !strings.Contains(out, "各站") {
		t.Errorf("notice: %d %s%s", exit, out, errs)
	}
	if _, errs, exit := qian.do("征询公交意见\n有何意见?\n", "consult - --to QA01"); exit != 1 || !strings.Contains(errs, "due") {
		t.Errorf("a request without a day: %d %s", exit, errs)
	}
	if _, errs, exit := qian.do("征询公交意见\n有何意见?\n", "consult - --to QA01 --due 明天"); exit != 0 && !strings.Contains(errs, "date") {
		t.Errorf("consult: %d %s", exit, errs)
	}
	tomorrow := time.Now().In(station.Beijing).AddDate(0, 0, 1).Format(time.DateOnly)
	if _, errs, exit := qian.do("征询公交线路意见\n有何意见?\n", "consult - --to QA01 --due "+tomorrow); exit != 0 {
		t.Errorf("consult: %d %s", exit, errs)
	}
	k.mustSync()
	head := station.Who{Account: "u-head", Name: "周立", Role: station.RoleHead}
	for _, kind := range []string{"notice", "consult"} {
		ls, err := k.desk.Letters(head, ledger.Kind(kind))
		if err != nil || len(ls) == 0 {
			t.Fatalf("%s: %+v, %v", kind, ls, err)
		}
		if kind == "notice" {
			err = k.desk.MarkRead(head, ls[0].Letter.Letter)
		} else {
			err = k.desk.AnswerLetter(head, ls[0].Letter.Letter, "早晚高峰加密")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	k.mustSync()
	var l clerk.Letter
	out, _, _ = leader.do("", "list notices --json")
	if err := json.Unmarshal([]byte(out), &l); err != nil || len(l.Reads) != 1 || l.Reads[0].Station != "QA01" || l.Reads[0].Name != "周立" || len(l.Silent) != 0 || !l.Must {
		t.Errorf("%v: %s", err, out)
	}
	if out, _, _ := leader.do("", "list consults --json"); !strings.Contains(out, "早晚高峰加密") {
		t.Errorf("consults: %s", out)
	}
	if u := k.desk.UnitName("JT"); u != "交通运输局" {
		t.Errorf("the station has %q", u)
	}
	if qs := objects[clerk.Waiting](t, qian.ok("list queue --json")); len(qs) == 0 || qs[0].Queue != "classify" || qs[0].Count != 1 {
		t.Errorf("queues %+v", qs)
	}
	if ls := objects[report.Life](t, qian.ok("list queue classify --station QA01 --json")); len(ls) != 1 || ls[0].Number != n+"/1" || ls[0].State != "registered" {
		t.Errorf("to classify: %+v", ls)
	}
	if ps := objects[clerk.Possible](t, qian.ok("step "+n+"/1 --json")); len(ps) == 0 || ps[0].Action != "review" || len(ps[0].Needs) != 1 {
		t.Errorf("possible %+v", ps)
	}
	if _, errs, exit := leader.do("", "step "+n+"/1 review --disposition city"); exit != 1 || !strings.Contains(errs, "不由这一方或这个角色办") {
		t.Errorf("a leader classifies: %d %s", exit, errs)
	}
	if _, errs, exit := qian.do("", "step "+n+"/1 assign --unit JT"); exit != 1 || !strings.Contains(errs, "不能“交办”") {
		t.Errorf("assigned before it was classified: %d %s", exit, errs)
	}
	qian.ok("step " + n + "/1 review --disposition city")
	if out := qian.ok("step " + n + "/1 assign --unit 交通运输局 --doc 丹人交〔2026〕7号"); !strings.Contains(out, "已交办") {
		t.Errorf("assign: %s", out)
	}
	k.mustSync()
	if life, err := k.desk.LifeByNumber(head, n+"/1"); err != nil || life.State != station.StAssigned || life.Unit != "JT" || len(life.Steps) != 2 || !life.Steps[1].City {
		t.Errorf("the station sees %+v, %v", life, err)
	}
	for _, word := range []string{"serve --listen x", "restore x", "backup -", "check"} {
		if _, errs, exit := qian.do("", word); exit != 2 || !strings.Contains(errs, "请在本机运行") {
			t.Errorf("%s over SSH: %d %s", word, exit, errs)
		}
	}
	qian.sees("市人大工作人员", "站点", "待办")
	acts := map[string]bool{}
	for _, a := range objects[station.AuditLine](t, f.ok("audit", "--json")) {
		acts[string(a.Act)+" "+a.Door] = true
	}
	for _, want := range []string{"import ssh", "refused ssh", "reveal ssh", "sign-in ssh", "user-add command", "start command"} {
		if !acts[want] {
			t.Errorf("the audit log lacks %q: %v", want, acts)
		}
	}
	if ms := objects[report.Matter](t, f.ok("list", "matters", "--json")); len(ms) != 1 || ms[0].Station != "QA01" {
		t.Errorf("through the socket: %+v", ms)
	}
}

// sees opens a screen over SSH and waits until all of the texts were drawn.
func (g *colleague) sees(texts ...string) {
	g.t.Helper()
	s := g.session()
	shown := &written{}
	s.Stdout, s.Stderr = shown, shown
	err := s.RequestPty("xterm-256color", 24, 80, nil)
	if err == nil {
		err = s.Shell()
	}
	if err != nil {
		g.t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	for {
		missing := ""
		for _, x := range texts {
			if !strings.Contains(shown.String(), x) {
				missing = x
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			g.t.Fatalf("%q never came to the screen: %q", missing, shown.String())
		}
		time.Sleep(10 * time.Millisecond) // between two looks
	}
}

var sshLine = regexp.MustCompile(`SSH (127\.0\.0\.1:\d+)`)

// serveSSH is serve with an SSH door.
func (f folder) serveSSH(args ...string) (url, addr string) {
	f.t.Helper()
	out := &written{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() {
		var errs bytes.Buffer
		err := run(ctx, append([]string{"serve", "--data", f.dir, "--listen", "127.0.0.1:0", "--ssh", "127.0.0.1:0"}, args...), nil, strings.NewReader(""), out, &errs)
		done <- settle(&errs, err)
	}()
	f.t.Cleanup(func() {
		cancel()
		select {
		case code := <-done:
			if code != 0 {
				f.t.Errorf("serve ended with %d", code)
			}
		case <-time.After(patience):
			f.t.Error("serve did not stop")
		}
	})
	deadline := time.Now().Add(patience)
	for {
		said := out.String()
		if m := sshLine.FindStringSubmatch(said); m != nil {
			_, url, _ = strings.Cut(said, "serving: ")
			url, _, _ = strings.Cut(url, "\n")
			return url, m[1]
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("serve did not start: %s", said)
		}
		time.Sleep(10 * time.Millisecond) // between two looks
	}
}

// written is what was printed so far.
type written struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) { w.mu.Lock(); defer w.mu.Unlock(); return w.b.Write(p) }
func (w *written) String() string              { w.mu.Lock(); defer w.mu.Unlock(); return w.b.String() }
