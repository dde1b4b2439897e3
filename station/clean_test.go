package station_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/typed"
)

// What a hostile or broken sender may put into a text field.
const dirty = "好\x1b[31m\x1b]0;title\x07\u009b1m\x00\x07\u0085\u202e\u200b\x7f\xff\xfe字"

// strs calls fn for every string within v, with its path.
func strs(v reflect.Value, path string, fn func(path string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.String:
		fn(path, v)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				strs(v.Field(i), path+"."+f.Name, fn)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			strs(v.Index(i), fmt.Sprintf("%s[%d]", path, i), fn)
		}
	}
}

// leaves lists the paths of the strings within what make gives.
func leaves[T any](make func() *T) []string {
	var out []string
	strs(reflect.ValueOf(make()).Elem(), "", func(p string, _ reflect.Value) { out = append(out, p) })
	return out
}

// with gives what make gives, with the string at path replaced.
func with[T any](make func() *T, path, text string) T {
	v := make()
	strs(reflect.ValueOf(v).Elem(), "", func(p string, s reflect.Value) {
		if p == path {
			s.SetString(text)
		}
	})
	return *v
}

// Every text field of everything that can be typed or imported: escapes,
// controls, invalid UTF-8 and a mebibyte go in, and what is stored is clean and
// of bounded length, or refused with a sentence that is.
func TestEveryTextFieldIsCleanedOrRefused(t *testing.T) {
	tries := 0
	for _, text := range []string{dirty, strings.Repeat("长", 1<<20/3), strings.Repeat("\x1b[31m", 1<<18), strings.Repeat("e\u0301\u0301\u0301", 1<<17)} {
		b := newDesk(t)
		put := func(what string, err error) {
			t.Helper()
			tries++
			if err == nil {
				return
			}
			p := station.Say(err)
			if p.Code == "E-OTHER" || p.Code == "E-BROKEN" || p.ZH == "" || p.EN == "" {
				t.Errorf("%s: not refused politely: %.200v", what, err)
			}
			if said := err.Error(); len(said) > 2000 || typed.Clean(said, false) != said {
				t.Errorf("%s: the refusal is unclean or long: %.200q", what, said)
			}
		}
		reception := func() *station.Reception {
			r := lamp()
			r.Session = station.InSession{ID: "x", Time: "fixed", Place: "visit", Where: "x", Topic: "themed", Theme: "x", Deputies: []string{"D001"}}
			r.Matters[0].Title, r.Matters[0].Disposition, r.Matters[0].Refuse = "x", "refuse", "scope"
			return &r
		}
		for _, path := range leaves(reception) {
			r := with(reception, path, text)
			if path != ".Session.ID" {
				r.Session.ID = ""
			}
			_, err := b.Receive(attendant, r, false, "")
			put("Reception"+path, err)
		}
		session := func() *station.Session {
			return &station.Session{Where: "x", Theme: "x", Topic: "themed", Start: "9:00", End: "11:00", Deputies: []string{"D001"}}
		}
		for _, path := range leaves(session) {
			if path == ".Number" || path == ".Rev.Stream" {
				continue // not typed
			}
			s, err := b.PutSession(attendant, with(session, path, text), "")
			put("Session"+path, err)
			if err == nil {
				_, err = b.PutSession(attendant, s, text)
				put("Session reason", err)
			}
		}
		deputy := func() *station.Deputy {
			return &station.Deputy{Code: "D001", Name: "李建国", Mandates: []station.Mandate{{Level: "镇"}}}
		}
		for _, path := range leaves(deputy) {
			_, err := b.PutDeputies(head, []station.Deputy{with(deputy, path, text)})
			put("Deputy"+path, err)
		}
		village := func() *station.Village { return &station.Village{Code: "321181002001", Name: "前艾村"} }
		for _, path := range leaves(village) {
			_, err := b.PutVillages(head, []station.Village{with(village, path, text)})
			put("Village"+path, err)
		}
		category := func() *station.Category { return &station.Category{Code: "81", Name: "x", Parent: "8"} }
		for _, path := range leaves(category) {
			_, err := b.PutCategories(head, []station.Category{with(category, path, text)})
			put("Category"+path, err)
		}
		info := func() *station.Info { return &station.Info{Code: "QA01", Name: "曲阿街道代表联络站"} }
		for _, path := range leaves(info) {
			put("Info"+path, b.SetInfo(head, with(info, path, text)))
		}
		settings := func() *station.Settings { return &station.Settings{Phrases: []string{"x"}} }
		for _, path := range leaves(settings) {
			put("Settings"+path, b.SaveSettings(head, with(settings, path, text)))
		}
		user := func() *station.User {
			return &station.User{Name: "张敏", Role: station.RoleDeputy, Keys: []station.UserKey{{Fingerprint: "SHA256:x"}}}
		}
		for i, path := range leaves(user) {
			u := with(user, path, text)
			if path != ".Name" {
				u.Name = fmt.Sprint("用户", i)
			}
			if path != ".Keys[0].Fingerprint" {
				u.Keys[0].Fingerprint = fmt.Sprint("SHA256:", i)
			}
			_, err := b.AddUser(head, u, "")
			put("User"+path, err)
		}
		n := b.receive(attendant, lamp()).Number
		put("reason of a correction", b.Correct(attendant, b.lookup(string(n)), *reception(), text, ""))
		put("reason of a void", b.Void(attendant, b.lookup(string(n)), text))
		_, _, err := b.Lookup(head, text)
		put("a number", err)
		b.find(text)
		put("a PIN", b.SetPIN(station.Owner(), text, text, text))
		put("an account", b.RemoveUser(station.Owner(), text))

		for _, e := range b.journal() {
			var body any
			if err := json.Unmarshal(e.Body, &body); err != nil {
				t.Fatal(err)
			}
			cleanBody(t, string(e.Kind), body)
		}
		locals, err := b.led.Locals("")
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range locals {
			var body any
			if err := json.Unmarshal(l.Value, &body); err != nil {
				t.Fatal(err)
			}
			cleanBody(t, l.Name, body)
		}
		if strings.Contains(b.log.String(), "\x1b") {
			t.Error("an escape reached the log")
		}
	}
	if tries < 200 {
		t.Errorf("only %d fields were tried", tries)
	}
}

func cleanBody(t testing.TB, at string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			cleanBody(t, at+"."+k, x)
		}
	case []any:
		for _, x := range v {
			cleanBody(t, at, x)
		}
	case string:
		multi := strings.HasSuffix(at, ".content") || strings.HasSuffix(at, ".reply")
		if typed.Clean(v, multi) != v {
			t.Errorf("%s holds %.60q", at, v)
		}
		if n := len([]rune(v)); n > 200 && !multi || n > 20000 {
			t.Errorf("%s holds %d characters", at, n)
		}
	}
}
