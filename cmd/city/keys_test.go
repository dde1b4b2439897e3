package main

import (
	"strings"
	"testing"

	"liaison/station"
	"liaison/sync/inbox"
)

// TestARevokedStationComesBackWithANewKey: the city takes a stolen key back
// while it serves. The station is told in words and keeps its entries; the code
// that it then gets is good for a new key only. All of it is in the audit log.
func TestARevokedStationComesBackWithANewKey(t *testing.T) {
	f := newFolder(t)
	url, stop := f.serve("--name", "丹阳市人大")
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, strings.TrimSpace(f.ok("enroll", "QA01"))); err != nil {
		t.Fatal(err)
	}
	k.receive("王小明", "楼道灯不亮", "onspot")
	k.mustSync()
	f.no(1, "没有登记过", "revoke", "QA09")
	f.no(2, "站点编号", "revoke", "qa01")
	if out := f.ok("revoke", "QA01"); !strings.Contains(out, "已吊销") {
		t.Errorf("said %s", out)
	}
	f.ok("revoke", "QA01") // once more changes nothing
	k.receive("王小明", "还是不亮", "onspot")
	if err := k.sync(); err == nil || !strings.Contains(err.Error(), "吊销") {
		t.Errorf("the station is told %v", err)
	}
	if out := f.ok("stations"); !strings.Contains(out, "key revoked") {
		t.Errorf("stations: %s", out)
	}
	code := strings.TrimSpace(f.ok("enroll", "QA01"))
	if err := k.enrol(url, code); err == nil || !strings.Contains(err.Error(), "密钥") {
		t.Errorf("the stolen key enrols: %v", err)
	}
	k.cfg.Key = newKiosk(t, "QA01").cfg.Key
	if err := k.enrol(url, code); err != nil {
		t.Fatal(err)
	}
	k.mustSync()
	stop()
	s := objects[inbox.Station](t, f.ok("stations", "--json"))[0]
	if len(s.Keys) != 3 || s.Keys[0].Key == s.Keys[2].Key || s.Keys[1].What != inbox.StepRevoked || !s.Revoked.IsZero() {
		t.Errorf("keys %+v", s.Keys)
	}
	var acts []string
	for _, l := range objects[station.AuditLine](t, f.ok("audit", "--json")) {
		acts = append(acts, string(l.Act)+" "+l.Account)
	}
	if got, want := strings.Join(acts, ", "), "stop owner, enrol QA01, invite owner, revoke owner, enrol QA01, invite owner, start owner"; got != want {
		t.Errorf("audit %s, want %s", got, want)
	}
	if out := f.ok("audit", "--limit", "2"); !strings.Contains(out, "接入市级") || strings.Contains(out, "吊销") {
		t.Errorf("audit: %s", out)
	}
	if out := f.ok("check"); !strings.Contains(out, "完好") {
		t.Errorf("check: %s", out)
	}
}
