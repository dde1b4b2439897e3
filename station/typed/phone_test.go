package typed

import (
	"strings"
	"testing"
)

func TestPhone(t *testing.T) {
	for in, want := range map[string]string{
		"13800138000": "13800138000", "１３８００１３８０００": "13800138000", "138 0013 8000": "13800138000",
		"138-0013-8000": "13800138000", "+86 138 0013 8000": "13800138000", "8613800138000": "13800138000",
		"008613800138000": "13800138000", "013800138000": "13800138000", "（+86）13800138000": "13800138000", "19900000000": "19900000000",
		"0511-86123456": "0511-86123456", "051186123456": "0511-86123456", "(0511)86123456": "0511-86123456",
		"0511 8612 3456": "0511-86123456", "０５１１－８６１２３４５６": "0511-86123456", "+86 511 86123456": "0511-86123456",
		"0511—86123456": "0511-86123456", "86123456": "0511-86123456", "8612 3456": "0511-86123456",
		"010-61234567": "010-61234567", "02161234567": "021-61234567", "+86 10 61234567": "010-61234567", "0710-3123456": "0710-3123456",
		"0511-86123456-801": "0511-86123456-801", "0511-86123456转801": "0511-86123456-801", "86123456-801": "0511-86123456-801",
		"86123456 转 801": "0511-86123456-801", "0511-86123456 ext.801": "0511-86123456-801",
	} {
		got, err := Phone(in, "0511")
		if err != nil || got != want {
			t.Errorf("Phone(%q) = %q, %v; want %q", in, got, err, want)
			continue
		}
		if again, err := Phone(got, ""); err != nil || again != got {
			t.Errorf("stored %q reads as %q, %v", got, again, err)
		}
	}
}

func TestPhoneProblems(t *testing.T) {
	for in, code := range map[string]string{
		"": "phone.empty", " ": "phone.empty", "---": "phone.empty",
		"1380013800": "phone.length", "138001380001": "phone.length", "612345": "phone.length", "6123456": "phone.length",
		"12800138000": "phone.prefix", "23800138000": "phone.prefix", "321181190001010016": "phone.idcard",
		"1380013800甲": "phone.letters", "13800138000/13900139000": "phone.letters", "13800138000、13900139000": "phone.letters",
		"0511-861234": "phone.landline", "0511-861234567": "phone.landline", "0011-86123456": "phone.landline", "0511-06123456": "phone.landline",
		"0": "phone.landline", "13800138000转8": "phone.prefix", "१३८००१३८०००": "phone.letters",
	} {
		_, err := Phone(in, "0511")
		wantProblem(t, in, err, code)
	}
	_, err := Phone("86123456", "")
	wantProblem(t, "86123456", err, "phone.area")
}

func TestPhoneProblemCountsDigits(t *testing.T) {
	_, err := Phone("138 0013 800", "0511")
	if err == nil || !strings.Contains(err.Error(), "现有 10 位") || !strings.Contains(err.Error(), "has 10") {
		t.Errorf("the sentence does not say how many digits there are: %v", err)
	}
}

func TestMasks(t *testing.T) {
	for _, c := range []struct {
		name string
		mask func(string) string
		in   string
		want string
	}{
		{"mobile", MaskPhone, "13800138000", "138****8000"},
		{"landline", MaskPhone, "0511-86123456", "0511-****3456"},
		{"extension", MaskPhone, "0511-86123456-801", "0511-****3456"},
		{"odd number", MaskPhone, "12345", "****"},
		{"odd landline", MaskPhone, "0511-123", "0511-****"},
		{"no phone", MaskPhone, "", ""},
		{"three", MaskName, "张晓明", "张*明"},
		{"two", MaskName, "张明", "张*"},
		{"one", MaskName, "张", "*"},
		{"four", MaskName, "欧阳晓明", "欧**明"},
		{"long", MaskName, "阿卜杜拉·买买提", "阿**提"},
		{"rare", MaskName, "𠮷晓明", "𠮷*明"},
		{"no name", MaskName, "", ""},
		{"identity", MaskID, "321181190001010016", "321181********0016"},
		{"odd identity", MaskID, "32118119", "********"},
		{"no identity", MaskID, "", ""},
		{"read mobile", GroupPhone, "13800138000", "138 0013 8000"},
		{"read landline", GroupPhone, "0511-86123456", "0511 8612 3456"},
		{"read short landline", GroupPhone, "0710-3123456", "0710 312 3456"},
		{"read extension", GroupPhone, "0511-86123456-801", "0511 8612 3456 转 801"},
		{"read odd", GroupPhone, "12345", "12345"},
	} {
		if got := c.mask(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestIDCard(t *testing.T) {
	for in, want := range map[string]Identity{
		"11010519491231002X": {"11010519491231002X", Date{1949, 12, 31}, Female}, // the standard's own example
		"11010519491231002x": {"11010519491231002X", Date{1949, 12, 31}, Female},
		"１１０１０５１９４９１２３１００２Ｘ": {"11010519491231002X", Date{1949, 12, 31}, Female},
		"321181190001010016":    {"321181190001010016", Date{1900, 1, 1}, Male},
		"321181 19000101 0016 ": {"321181190001010016", Date{1900, 1, 1}, Male},
	} {
		if got, err := IDCard(in); err != nil || got != want {
			t.Errorf("IDCard(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for in, code := range map[string]string{
		"": "idcard.length", "32118119000101001": "idcard.length", "3211811900010100166": "idcard.length",
		"王小明":                "idcard.length",
		"32118119000101001甲": "idcard.form", "X21181190001010016": "idcard.form", "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未": "idcard.form",
		"321181190002300016": "idcard.birth", "321181000000000016": "idcard.birth",
		"321181190001010017": "idcard.check", "321181190001010061": "idcard.check",
	} {
		_, err := IDCard(in)
		wantProblem(t, in, err, code)
	}
}

func TestIDCardFindsEveryWrongDigit(t *testing.T) {
	const good = "321181190001010016"
	for i := range good {
		for d := '0'; d <= '9'; d++ {
			s := good[:i] + string(d) + good[i+1:]
			if _, err := IDCard(s); (err == nil) != (s == good) {
				t.Errorf("%s: %v", s, err)
			}
		}
	}
}

func TestCheck3736(t *testing.T) {
	// The example that ISO 7064's user, the Global Release Identifier, prints.
	if c, err := Check3736("A1-2425G-ABC1234002"); err != nil || c != 'M' {
		t.Errorf("check character %q, %v; want M", c, err)
	}
	if !Valid3736("A12425GABC1234002M") || !Valid3736("a1-2425g-abc1234002-m") {
		t.Error("a valid number is refused")
	}
	for _, s := range []string{"", "-", "M", "A12425GABC1234002N", "A1 2425G", "甲"} {
		if Valid3736(s) {
			t.Errorf("%q is accepted", s)
		}
	}
	_, err := Check3736("QA01 26")
	wantProblem(t, "QA01 26", err, "check.form")
	_, err = Check3736("--")
	wantProblem(t, "--", err, "check.empty")
}

func TestCheck3736FindsEveryWrongCharacter(t *testing.T) {
	const body = "QA01-26A-0123"
	c, err := Check3736(body)
	if err != nil {
		t.Fatal(err)
	}
	good := body + "-" + string(c)
	for i := range good {
		for _, r := range alphabet36 {
			s := good[:i] + string(r) + good[i+1:]
			if good[i] != '-' && s != good && Valid3736(s) {
				t.Errorf("%s passes for %s", s, good)
			}
		}
	}
}

func FuzzPhone(f *testing.F) {
	for _, s := range []string{"13800138000", "+86 511 86123456", "86123456-801", "0511-86123456转801", "x1", "(86)"} {
		f.Add(s, "0511")
	}
	f.Fuzz(func(t *testing.T, s, area string) {
		if !digits(area) || area[0] != '0' {
			area = "0511"
		}
		n, err := Phone(s, area)
		if err != nil {
			return
		}
		if strings.Trim(n, "0123456789-") != "" {
			t.Fatalf("%q gave %q", s, n)
		}
		if again, err := Phone(n, ""); err != nil || again != n {
			t.Fatalf("%q gave %q, which reads as %q, %v", s, n, again, err)
		}
	})
}

func FuzzIDCard(f *testing.F) {
	f.Add("11010519491231002x")
	f.Add("321181190001010016")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := IDCard(s)
		if err == nil && (len(id.Number) != 18 || !id.Birth.Valid()) {
			t.Fatalf("%q gave %v", s, id)
		}
	})
}

func FuzzCheck3736(f *testing.F) {
	f.Add("QA01-26A-0123")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Check3736(s)
		if err == nil && !Valid3736(s+string(c)) {
			t.Fatalf("%q with %q is not valid", s, c)
		}
	})
}
