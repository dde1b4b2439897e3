package station_test

import (
	"fmt"
	"sync"
	"testing"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

func TestImportsDoubleNothing(t *testing.T) {
	b := newDesk(t)
	ds := []station.Deputy{
		{Code: "D001", Name: "李建国", Mandates: []station.Mandate{{Level: "市"}, {Level: "镇"}}},
		{Code: " Ｄ００２", Name: "王秀英"},
		{Code: "D001", Name: "李建国", Phone: "13800138000", Mandates: []station.Mandate{{Level: "市"}, {Level: "镇"}}},
	}
	if n, err := b.PutDeputies(head, ds); n != 2 || err != nil {
		t.Fatalf("imported %d, %v; want 2", n, err)
	}
	if v, ok := b.Deputy("D001"); !ok || v.Phone != "13800138000" || v.Levels() != "市、镇" {
		t.Errorf("of two lines with one code the later counts: %+v", v)
	}
	if n, err := b.PutDeputies(head, ds); n != 0 || err != nil {
		t.Errorf("a second time %d are new, %v", n, err)
	}
	ds[1].Post = "教师"
	if n, err := b.PutDeputies(head, ds); n != 1 || err != nil {
		t.Errorf("one was changed, %d written, %v", n, err)
	}
	var vs []station.Village
	for i := range 1203 {
		vs = append(vs, station.Village{Code: fmt.Sprintf("3211810%05d", i), Town: "曲阿街道", Name: fmt.Sprint("第", i, "村")})
	}
	if n, err := b.PutVillages(head, vs); n != 1203 || err != nil {
		t.Fatalf("imported %d villages, %v", n, err)
	}
	b.restart()
	if len(b.Villages()) != 1203 || len(b.Deputies()) != 2 || b.VillageName("321181000007") != "曲阿街道 第7村" || b.VillageName("x") != "x" {
		t.Errorf("%d villages, %d deputies after a restart", len(b.Villages()), len(b.Deputies()))
	}
	_, err := b.PutDeputies(head, []station.Deputy{{Code: "D009", Name: "对"}, {Code: "", Name: "无"}, {Code: "代 表", Name: ""}})
	faulty(t, err, "deputy[1].code", "code-missing")
	faulty(t, err, "deputy[2].code", "code-form")
	faulty(t, err, "deputy[2].name", "name-missing")
	if _, ok := b.Deputy("D009"); ok {
		t.Error("a part of a faulty import was written")
	}
	_, err = b.PutVillages(head, []station.Village{{Code: "123", Name: "x"}})
	faulty(t, err, "village[0].code", "village-code")
	_, err = b.PutCategories(town, nil)
	problem(t, err, station.ErrForbidden)
}

func TestAnImportReplacedTheCitysRecord(t *testing.T) {
	b := newDesk(t)
	b.roster()
	if _, err := b.Ledger().Commit(t.Context(), foreign(t, "city", station.KindDeputy, "D001", `{"code":"D001","name":"李建国","post":"市里的"}`)); err != nil {
		t.Fatal(err)
	}
	if v, _ := b.Deputy("D001"); v.Post != "市里的" {
		t.Errorf("the city's entry does not take the place of the import: %+v", v)
	}
	if n, err := b.PutDeputies(head, []station.Deputy{{Code: "D001", Name: "李建国", Post: "本站的"}, {Code: "D002", Name: "王秀英", Post: "本站的"}}); n != 1 || err != nil {
		t.Errorf("%d written, %v; want D002 only", n, err)
	}
	b.restart()
	if v, _ := b.Deputy("D001"); v.Post != "市里的" {
		t.Errorf("the station's import overruled the city: %+v", v)
	}
}

func TestTheStationsOwnRecord(t *testing.T) {
	b := newDesk(t)
	if err := b.SetInfo(head, station.Info{Code: "QA01", Name: " 曲阿街道代表联络站 ", Area: "321181002"}); err != nil {
		t.Fatal(err)
	}
	faulty(t, b.SetInfo(head, station.Info{Code: "QA02", Name: "别站"}), "station[0].code", "station-code")
	faulty(t, b.SetInfo(head, station.Info{Code: "QA01"}), "station[0].name", "name-missing")
	if _, err := b.Ledger().Commit(t.Context(), foreign(t, "QA02", station.KindStation, "QA02", `{"code":"QA02","name":"别站"}`)); err != nil {
		t.Fatal(err)
	}
	if in := b.Info(); in.Code != "QA01" || in.Name != "曲阿街道代表联络站" {
		t.Errorf("the station is called %+v", in)
	}
}

func TestDeputiesAreFoundWhileTheySit(t *testing.T) {
	b := newDesk(t)
	if _, err := b.PutDeputies(head, []station.Deputy{
		{Code: "D001", Name: "李建国"},
		{Code: "D002", Name: "单晓明", Mandates: []station.Mandate{{Level: "镇", To: date("2026-11-22"), EndReason: "辞职"}, {Level: "市", From: date("2026-01-01")}}},
		{Code: "D003", Name: "曾晓敏", Mandates: []station.Mandate{{Level: "镇", From: date("2021-01-01"), To: date("2026-11-22")}}},
		{Code: "D004", Name: "赵新", Mandates: []station.Mandate{{Level: "镇", From: date("2026-11-24")}}},
	}); err != nil {
		t.Fatal(err)
	}
	codes := func(q string, day typed.Date) (out []string) {
		for _, v := range b.FindDeputies(q, day.Time(station.Beijing)) {
			out = append(out, v.Code)
		}
		return out
	}
	today := date("2026-11-23")
	equal(t, "by pinyin, surnames right", codes("", today), []string{"D001", "D002"})
	equal(t, "the day before", codes("", date("2026-11-22")), []string{"D001", "D002", "D003"})
	equal(t, "the day after", codes("", date("2026-11-24")), []string{"D001", "D002", "D004"})
	equal(t, "initials", codes("sxm", today), []string{"D002"})
	equal(t, "code", codes("ｄ００１", today), []string{"D001"})
	equal(t, "characters", codes("建国", today), []string{"D001"})
	equal(t, "nobody", codes("qqq", today), nil)
}

func TestFindVillagesSortedTheSharedListInPlace(t *testing.T) {
	b := newDesk(t)
	if err := b.SetInfo(head, station.Info{Code: "QA01", Name: "曲阿街道代表联络站", Area: "321181002"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.PutVillages(head, []station.Village{
		{Code: "321181001001", Town: "云阳街道", Name: "前艾"},
		{Code: "321181001002", Town: "云阳街道", Name: "张巷村"},
		{Code: "321181002001", Town: "曲阿街道", Name: "前艾村"},
		{Code: "321181002002", Town: "曲阿街道", Name: "张巷村"},
	}); err != nil {
		t.Fatal(err)
	}
	codes := func(vs []station.Village) (out []string) {
		for _, v := range vs {
			out = append(out, v.Code[6:])
		}
		return out
	}
	var people sync.WaitGroup
	for range 8 {
		people.Go(func() {
			for range 50 {
				equal(t, "all, the own area first", codes(b.FindVillages("")), []string{"002001", "002002", "001001", "001002"})
				equal(t, "among equals", codes(b.FindVillages("张巷村")), []string{"002002", "001002"})
				equal(t, "the better match first", codes(b.FindVillages("前艾")), []string{"001001", "002001"})
			}
		})
	}
	people.Wait()
	equal(t, "the list", codes(b.Villages()), []string{"001001", "001002", "002001", "002002"})
}

func TestCategoriesOfDomain25(t *testing.T) {
	b := newDesk(t)
	first := 0
	for _, c := range b.Categories() {
		switch {
		case len(c.Code) == 1 && c.Parent == "":
			first++
		case len(c.Code) != 2 || c.Parent != c.Code[:1]:
			t.Errorf("category %+v", c)
		}
		if _, ok := b.Category(c.Parent); c.Parent != "" && !ok {
			t.Errorf("category %s without its first level", c.Code)
		}
	}
	if first != 7 || len(b.Categories()) != 7+9+6+6+7+5+5+4 {
		t.Errorf("%d first levels of %d", first, len(b.Categories()))
	}
	for code, name := range map[string]string{"11": "道路桥梁路灯", "65": "邻里矛盾纠纷(转调解)", "79": "其他", "4": "社会建设", "99": "99"} {
		if got := b.CategoryName(code); got != name {
			t.Errorf("category %s is called %s, want %s", code, got, name)
		}
	}
	if got := b.FindCategories("11"); len(got) != 1 || got[0].Code != "11" {
		t.Errorf("11 finds %v", got)
	}
	if got := b.FindCategories("ld"); len(got) == 0 || !contains(got, "11") {
		t.Errorf("ld finds %v", got)
	}
	if n, err := b.PutCategories(head, []station.Category{{Code: "81", Name: "文明城市", Parent: "8"}}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	r := lamp()
	r.Matters[0].Category = "81"
	b.receive(attendant, r)
}

func contains(cs []station.Category, code string) bool {
	for _, c := range cs {
		if c.Code == code {
			return true
		}
	}
	return false
}

func TestALongImportSaysHowMuchItWrote(t *testing.T) {
	b := newDesk(t)
	l := &nth{n: 2}
	b.wrap = func(inner ledger.Ledger) ledger.Ledger { l.broken.Ledger = inner; return l }
	b.restart()
	var vs []station.Village
	for i := range 1100 {
		vs = append(vs, station.Village{Code: fmt.Sprintf("3211810%05d", i), Name: "村"})
	}
	n, err := b.PutVillages(head, vs)
	problem(t, err, "E-FULL")
	if n != 500 || len(b.Villages()) != 500 {
		t.Errorf("%d said to be written, %d are; want 500", n, len(b.Villages()))
	}
	if n, err = b.PutVillages(head, vs); n != 600 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
}
