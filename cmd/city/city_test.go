package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"liaison/cmd/report"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/sync/inbox"
	"liaison/sync/wire"
)

type entry = ledger.Entry

// TestWhatTheStationsRecordIsOnTheCitysList is the main job seen from the
// city: a code, an enrolment, a reception, its place on the list; the same
// while serve lives and after it has gone.
func TestWhatTheStationsRecordIsOnTheCitysList(t *testing.T) {
	f := newFolder(t)
	first := strings.TrimSpace(f.ok("enroll", "QA01"))
	if !regexp.MustCompile(`^[0-9A-Z]{5}(-[0-9A-Z]{5}){2}$`).MatchString(first) {
		t.Errorf("code %q", first)
	}
	url, stop := f.serve("--name", "丹阳市人大")
	second := strings.TrimSpace(f.ok("enroll", "QA02")) // through the socket
	a, b := newKiosk(t, "QA01"), newKiosk(t, "QA02")
	for k, code := range map[*kiosk]string{a: first, b: second} {
		if err := k.enrol(url, code); err != nil {
			t.Fatal(err)
		}
		if k.cfg.City.Name != "丹阳市人大" {
			t.Errorf("the city calls itself %q", k.cfg.City.Name)
		}
	}
	a.cfg.Version, b.cfg.Version = upkeep.Version(), "v0.1.0"
	one := a.receive("王小明", "楼道灯不亮,希望尽快修好", "onspot")
	two := a.receive("李小红", "公交班次太少,希望增加", "city")
	three := b.receive("周小刚", "河道有垃圾", "onspot")
	a.mustSync()
	b.mustSync()

	for _, place := range []string{"through the living process", "from the file"} {
		rs := objects[report.Reception](t, f.ok("list", "receptions", "--json"))
		if len(rs) != 3 || rs[0].Number != three || rs[0].Station != "QA02" || rs[2].Number != one || len(rs[2].Matters) != 1 {
			t.Fatalf("%s: %+v", place, rs)
		}
		if rs[2].Voter != nil || rs[0].Voter != nil {
			t.Errorf("%s: a voter's name came with a reception answered on the spot", place)
		}
		if v := rs[1].Voter; rs[1].Number != two || v == nil || v.Name != "李小红" || v.Phone != "13800138000" {
			t.Errorf("%s: whoever must call the voter has %+v", place, v)
		}
		ms := objects[report.Matter](t, f.ok("list", "matters", "--limit", "2", "--json", "--station", "QA01"))
		if len(ms) != 2 || ms[0].Number != two+"/1" || ms[1].Reception != one || ms[0].At == nil {
			t.Errorf("%s: matters %+v", place, ms)
		}
		table := f.ok("list", "receptions", "--limit=1")
		if !strings.Contains(table, three) || strings.Contains(table, one) {
			t.Errorf("%s: %s", place, table)
		}
		ss := objects[inbox.Station](t, f.ok("stations", "--json"))
		if len(ss) != 2 || ss[0].Code != "QA01" || ss[0].Entries == 0 || ss[0].Seen.IsZero() || ss[1].Name != "QA02代表联络站" {
			t.Errorf("%s: stations %+v", place, ss)
		}
		if v := wire.CleanVersion(upkeep.Version()); ss[0].Version != v || ss[1].Version != "v0.1.0" {
			t.Errorf("%s: versions %q and %q, want %q and an older one", place, ss[0].Version, ss[1].Version, v)
		}
		if table := f.ok("stations"); strings.Count(table, "版本不同") != 1 || !strings.Contains(table, "v0.1.0") {
			t.Errorf("%s: %s", place, table)
		}
		if table := f.ok("stations"); !strings.Contains(table, "QA01代表联络站") {
			t.Errorf("%s: %s", place, table)
		}
		if out := f.ok("check"); !strings.Contains(out, "完好") {
			t.Errorf("%s: %s", place, out)
		}
		if out := f.ok("paper", two); !strings.Contains(out, "接待选民回执") || !strings.Contains(out, "李*红") || !strings.Contains(out, two) {
			t.Errorf("%s: the receipt %s", place, out)
		}
		f.no(1, "交办以后才有", "paper", two, "assign")
		if out := f.ok("rates"); !strings.Contains(out, "2/3 = 66.67%") || !strings.Contains(out, "2 / 2") {
			t.Errorf("%s: rates %s", place, out)
		}
		if out := f.ok("rates", "--json", "--month", "2026-10"); !strings.Contains(out, `{"stations":2,"synced":2,"behind":[]}`) {
			t.Errorf("%s: rates %s", place, out)
		}
		stop()
	}
	if _, err := os.Stat(filepath.Join(f.dir, socketFile)); err == nil {
		t.Error("the socket outlived the process")
	}
}

// TestUnitsWentByTheirCodes: behind a rate, over the rates of a unit and in a
// matter's steps stood JT, where queues say 交通运输局. A rate that there is
// not sent the office to the kiosk's program.
func TestUnitsWentByTheirCodes(t *testing.T) {
	f := newFolder(t)
	code := strings.TrimSpace(f.ok("enroll", "QA01"))
	f.ok("import", "units", file(t, "u.csv", "单位编号,单位名称\nJT,交通运输局\nGA,公安局\n"))
	url, _ := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, code); err != nil {
		t.Fatal(err)
	}
	n := k.receive("李小红", "公交班次太少,希望增加", "city") + "/1"
	k.mustSync()
	f.ok("step", n, "review", "--disposition", "city")
	f.ok("step", n, "assign", "--unit", "jt", "--units", "GA,某村民小组")
	for _, c := range []struct{ words, has string }{
		{"rates --rows replied", "交通运输局"}, {"rates --by unit", "JT 交通运输局  1 件"}, {"rates --by unit --json", `"group":"JT","group_name":"交通运输局"`},
		{"rates --by station", "QA01 QA01代表联络站"}, {"show " + n, "承办 交通运输局  公安局 某村民小组"}, {"show " + n, "承办 Unit: 交通运输局  公安局 某村民小组"},
		{"show --json " + n, `"unit":"JT","unit_name":"交通运输局","units":["GA","某村民小组"],"unit_names":["公安局","某村民小组"]`},
	} {
		if out := f.ok(strings.Fields(c.words)...); !strings.Contains(out, c.has) {
			t.Errorf("%s: %s", c.words, out)
		}
	}
	f.no(2, "city rates --json", "rates", "--rows", "foo")
}

// TestWordsThatMakeNoSense: exit 2, a sentence, nothing done.
func TestWordsThatMakeNoSense(t *testing.T) {
	f := newFolder(t)
	f.no(2, "enroll", "enrol", "QA01")
	f.no(2, "写法", "enroll")
	f.no(2, "写法", "enroll", "QA01", "QA02")
	f.no(2, "站点编号", "enroll", "city")
	f.no(2, "站点编号", "enroll", "qa01")
	f.no(2, "--listen", "serve")
	f.no(2, "--colour", "stations", "--colour")
	f.no(2, "--cert", "serve", "--listen", "127.0.0.1:0", "--cert", "x")
	f.no(2, "命令")
	f.no(1, "还没有", "list", "receptions")
	f.no(1, "还没有", "check")
	if _, err := os.Stat(f.dir); err == nil {
		t.Error("the data directory was made")
	}
	f.ok("enroll", "QA01")
	f.no(2, "deputies", "list", "suggestionz")
	f.no(2, "--limit", "list", "receptions", "--limit", "-1")
	f.no(2, "--limit", "list", "receptions", "--limit", "many")
	f.no(2, "站点编号", "list", "receptions", "--station", "x")
	if out := f.ok("help"); !strings.Contains(out, "city enroll STATION") || strings.Contains(out, wordExamine) {
		t.Errorf("help: %s", out)
	}
	if out := f.ok("help", "list"); !strings.Contains(out, "receptions|matters") {
		t.Errorf("help: %s", out)
	}
	if out := f.ok("list", "--help"); !strings.Contains(out, "receptions|matters") {
		t.Errorf("help: %s", out)
	}
	if out := f.ok("list", "receptions"); out != "" {
		t.Errorf("an empty list: %s", out)
	}
}

// TestPlacesThatCannotBeListenedOn: a port in use, an address of another
// machine, no encryption towards others.
func TestPlacesThatCannotBeListenedOn(t *testing.T) {
	f := newFolder(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	f.no(1, "已被另一个程序占用", "serve", "--listen", l.Addr().String())
	f.no(1, "不加密", "serve", "--listen", "0.0.0.0:0")
	f.no(1, "没有 192.0.2.1:1 这个地址", "serve", "--listen", "192.0.2.1:1")
	f.no(1, "地址应写作", "serve", "--listen", "nonsense")
}

// TestASecondServer is told that there is one; the first goes on.
func TestASecondServer(t *testing.T) {
	f := newFolder(t)
	url, _ := f.serve()
	f.no(1, "正在使用", "serve", "--listen", "127.0.0.1:0")
	resp, err := http.Get(url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if b, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(b), `"status":"ok"`) {
		t.Errorf("health %s, %v", b, err)
	}
}

// TestTheKeyIsNeverMadeAnew: every station has pinned the first.
func TestTheKeyIsNeverMadeAnew(t *testing.T) {
	f := newFolder(t)
	f.ok("enroll", "QA01")
	path := filepath.Join(f.dir, keyFile)
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("key %v, %v", st.Mode(), err)
	}
	key, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	f.no(1, "chmod 600", "stations")
	if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	f.no(1, "内容不对", "stations")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	f.no(1, "不见了", "enroll", "QA02")
	if err := os.WriteFile(path, key, 0o600); err != nil {
		t.Fatal(err)
	}
	f.ok("stations")
}

// certificates writes a pair of files for loopback and returns its pool.
func certificates(t *testing.T, dir string, until time.Time) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(until.UnixNano()), Subject: pkix.Name{CommonName: "city"}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	pool = x509.NewCertPool()
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		text := pem.EncodeToMemory(block)
		pool.AppendCertsFromPEM(text)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, pool
}

// TestServeWithCertificates: TLS 1.3 by files, renewed while it serves; an
// expired or broken pair is named at the start.
func TestServeWithCertificates(t *testing.T) {
	f := newFolder(t)
	dir := t.TempDir()
	cert, key, _ := certificates(t, dir, time.Now().Add(-time.Hour))
	f.no(1, "过期", "serve", "--listen", "127.0.0.1:0", "--cert", cert, "--key", key)
	f.no(1, "不能用", "serve", "--listen", "127.0.0.1:0", "--cert", cert, "--key", cert)
	f.no(1, "不能用", "serve", "--listen", "127.0.0.1:0", "--cert", dir+"/none", "--key", key)

	_, _, old := certificates(t, dir, time.Now().Add(time.Hour))
	url, _ := f.serve("--cert", cert, "--key", key)
	if !strings.HasPrefix(url, "https://") {
		t.Fatalf("serves %s", url)
	}
	k := newKiosk(t, "QA01")
	k.cfg.TLS = &tls.Config{RootCAs: old}
	if err := k.enrol(url, strings.TrimSpace(f.ok("enroll", "QA01"))); err != nil {
		t.Fatal(err)
	}
	k.receive("王小明", "路灯不亮", "onspot")
	k.mustSync()

	_, _, renewed := certificates(t, dir, time.Now().Add(2*time.Hour))
	if err := os.Chtimes(cert, time.Time{}, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	k.cfg.TLS = &tls.Config{RootCAs: renewed}
	k.mustSync()
	addr := strings.TrimPrefix(url, "https://")
	if c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: renewed, MaxVersion: tls.VersionTLS12}); err == nil {
		_ = c.Close()
		t.Error("TLS 1.2 was accepted")
	}
}

// TestDoubtfulEntriesAtTheCity: stored, listed, and counted for people.
func TestDoubtfulEntriesAtTheCity(t *testing.T) {
	f := newFolder(t)
	url, _ := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, strings.TrimSpace(f.ok("enroll", "QA01"))); err != nil {
		t.Fatal(err)
	}
	k.cfg.Withhold = nil // a station whose program errs
	number := k.receive("王小明", "路灯不亮", "onspot")
	_, err := k.led.Commit(t.Context(), ledger.Change{New: []ledger.New{
		{Kind: "visit", ID: "x1", By: "a1", Body: []byte(`{"number":"QA02-26A-0001-X","channel":"pigeon"}`)},
		{Kind: "matter", ID: "x2", By: "a1", Body: []byte(`["not","a","matter"]`)},
		{Kind: "voter", ID: "x3", By: "a1", Body: []byte(`{"name":"王小明"}`)}, // not marked private
		{Kind: "new-in-a-later-version", ID: "x4", By: "a1", Body: []byte(`"?"`)},
		{Kind: "session", ID: "x5", By: "a1", At: time.Now().AddDate(1, 0, 0), Body: []byte("\x1b[2J")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	k.mustSync()
	if _, err := k.led.Commit(t.Context(), ledger.Change{New: []ledger.New{
		{Kind: "visit", ID: "x6", By: "a1", Body: []byte(`{"number":"` + number + `","channel":"walkin"}`)}, // another reception's
	}}); err != nil {
		t.Fatal(err)
	}
	k.mustSync()
	ss := objects[inbox.Station](t, f.ok("stations", "--json"))
	if len(ss) != 1 || ss[0].Doubts != 5 {
		t.Errorf("stations %+v", ss)
	}
	if table := f.ok("stations"); !strings.Contains(table, "存疑 doubtful: 5") {
		t.Errorf("table %s", table)
	}
	rs := objects[report.Reception](t, f.ok("list", "receptions", "--json"))
	if len(rs) != 3 || rs[0].Number != number || rs[2].Number != "QA02-26A-0001-X" || rs[2].Station != "QA01" || rs[1].Number != number {
		t.Errorf("receptions %+v", rs)
	}
	if out := f.ok("check"); !strings.Contains(out, "完好") {
		t.Error(out)
	}
}

// TestAnErasureThatIsNotTheStationsIsADoubt: it asks for lines of its audit log
// and for what the city wrote. Nothing goes; the stations page counts it, and
// the check says who asked.
func TestAnErasureThatIsNotTheStationsIsADoubt(t *testing.T) {
	f := newFolder(t)
	url, _ := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, strings.TrimSpace(f.ok("enroll", "QA01"))); err != nil {
		t.Fatal(err)
	}
	if err := k.desk.Audit(station.Owner(), station.ActSettings, "phrases", true, ""); err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"entries":[{"stream":"%s","seq":1},{"stream":"city/A-abc","seq":1}]}`, k.led.Own().For("audit"))
	_, err := k.led.Commit(t.Context(), ledger.Change{New: []ledger.New{{Kind: ledger.KindErase, ID: "x1", By: "a1", Body: []byte(body)}}})
	if err != nil {
		t.Fatal(err)
	}
	k.mustSync()
	if ss := objects[inbox.Station](t, f.ok("stations", "--json")); len(ss) != 1 || ss[0].Doubts != 1 {
		t.Errorf("stations %+v", ss)
	}
	if out := f.ok("audit", "--station", "QA01"); !strings.Contains(out, "phrases") {
		t.Errorf("the audit log at the city: %s", out)
	}
	if out, errs, code := f.do("check"); code != 0 || !strings.Contains(errs, "联络站 QA01名义发来的删除要求,涉及 2 条") || !strings.Contains(out, "核对无误") {
		t.Errorf("check ends with %d: %s%s", code, errs, out)
	}
}

// TestCheckNamesDamage: a bit flipped in the file is found, and the city says
// so instead of dying.
func TestCheckNamesDamage(t *testing.T) {
	f := newFolder(t)
	url, stop := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, strings.TrimSpace(f.ok("enroll", "QA01"))); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		k.receive("王小明", "路灯不亮", "onspot")
	}
	k.mustSync()
	stop()
	path := filepath.Join(f.dir, ledgerFile)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(file), "visit\x24") // a header: the kind, and the length of an id
	if at < 0 {
		t.Fatal("no header found in the file")
	}
	for i := at; i >= 0; {
		file[i+2] ^= 1
		next := strings.Index(string(file[i+1:]), "visit\x24")
		if next < 0 {
			break
		}
		i += 1 + next
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(f.dir, "ledger.journal")); err != nil { // the second copy would mend it
		t.Fatal(err)
	}
	out, errs, code := f.do("check")
	if code != 1 || out != "" || !strings.Contains(errs, "✗") && !strings.Contains(errs, "损坏") || !strings.Contains(errs, " / ") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

// TestALyingCitysReceiptIsFound: the check compares receipts with what is
// held.
func TestALyingCitysReceiptIsFound(t *testing.T) {
	f := newFolder(t)
	url, stop := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, strings.TrimSpace(f.ok("enroll", "QA01"))); err != nil {
		t.Fatal(err)
	}
	k.receive("王小明", "路灯不亮", "onspot")
	k.mustSync()
	stop()
	key := filepath.Join(f.dir, keyFile)
	if err := os.WriteFile(key, []byte(strings.Repeat("ab", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, code := f.do("check")
	if code != 1 || !strings.Contains(errs, "receipt/QA01/") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

// TestBackupAndRestore: the file is lost; what the copy lacks comes back from
// the station at its next sync.
func TestBackupAndRestore(t *testing.T) {
	f := newFolder(t)
	url, stop := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, strings.TrimSpace(f.ok("enroll", "QA01"))); err != nil {
		t.Fatal(err)
	}
	first := k.receive("王小明", "路灯不亮", "onspot")
	k.mustSync()
	copied := filepath.Join(t.TempDir(), "copy.db")
	f.ok("backup", copied) // while it serves
	second := k.receive("李小红", "水压偏低", "onspot")
	k.mustSync()
	f.no(1, "正在运行", "restore", copied)
	stop()
	f.no(1, "打不开", "restore", copied+".none")
	if err := os.WriteFile(copied+".bad", []byte("not a ledger"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.no(1, "", "restore", copied+".bad")
	if out := f.ok("restore", copied); !strings.Contains(out, "原文件留存") {
		t.Errorf("restore: %s", out)
	}
	if rs := objects[report.Reception](t, f.ok("list", "receptions", "--json")); len(rs) != 1 || rs[0].Number != first {
		t.Errorf("after the restore: %+v", rs)
	}
	k.cfg.City.URL, _ = f.serve()
	k.mustSync()
	if rs := objects[report.Reception](t, f.ok("list", "receptions", "--json")); len(rs) != 2 || rs[0].Number != second {
		t.Errorf("after the sync: %+v", rs)
	}
	if out := f.ok("check"); !strings.Contains(out, "完好") {
		t.Error(out)
	}
}
