package pinyin

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Surnames that the dictionary alone reads wrong, with the reading they have.
var surnameTests = map[string]string{
	"单": "shan", "仇": "qiu", "曾": "zeng", "解": "xie", "查": "zha", "区": "ou", "盖": "ge", "任": "ren", "华": "hua",
	"朴": "piao", "尉迟": "yuchi", "万俟": "moqi", "翟": "zhai", "乐": "yue", "员": "yun", "种": "chong", "召": "shao",
	"缪": "miao", "单于": "chanyu", "澹台": "tantai", "繁": "po", "秘": "bi", "折": "she", "佴": "nai", "洗": "xian",
	"重": "chong", "黑": "he", "覃": "qin", "祭": "zhai", "句": "gou", "乜": "nie", "阚": "kan", "都": "du", "薄": "bo",
	"牟": "mu", "能": "nai", "便": "pian", "俞": "yu", "沈": "shen", "宁": "ning", "盛": "sheng", "贾": "jia",
	"万": "wan", "尉": "wei", "石": "shi", "车": "che", "冯": "feng", "曲": "qu", "柏": "bai", "卜": "bu", "那": "na",
	"欧阳": "ouyang", "长孙": "zhangsun", "乐正": "yuezheng", "闾丘": "lvqiu", "令狐": "linghu", "司徒": "situ",
	"诸葛": "zhuge", "皇甫": "huangfu", "东方": "dongfang", "夏侯": "xiahou", "慕容": "murong", "上官": "shangguan",
	"眭": "sui", "荆": "jing", "束": "shu", "吕": "lv", "谌": "chen", "费": "fei", "郇": "xun", "隗": "wei", "逄": "pang", "褚": "chu",
}

func TestSurnamesAreReadAsSurnames(t *testing.T) {
	for surname, want := range surnameTests {
		name := surname + "小明"
		forms := strings.Split(KeysName(name), "\n")
		initials := want[:1]
		if c := compounds[surname]; c != "" {
			for _, s := range strings.Fields(c)[1:] {
				initials += s[:1]
			}
		}
		for i, form := range []string{name, initials + "xm", want + "xm", surname + "xm", want + "xiaoming"} {
			if i >= len(forms) || forms[i] != form {
				t.Errorf("%s: forms %q, want %q at %d", name, forms, form, i)
				break
			}
		}
		for _, query := range []string{initials + "xm", want + "xm", want + "xiaoming", surname + "xm", surname} {
			if _, ok := Match(query, name); !ok {
				t.Errorf("%q does not find %s", query, name)
			}
		}
		if got := chars(name, true)[0].read[0]; !strings.HasPrefix(want, got) {
			t.Errorf("%s sorts under %s", name, got)
		}
	}
}

func TestSurnameTablesAreSound(t *testing.T) {
	for s, r := range compounds {
		if n := utf8.RuneCountInString(s); len(strings.Fields(r)) != n || n != 2 && n != 4 || len(s) != 3*n {
			t.Errorf("%s is read %q", s, r)
		}
	}
	for s, r := range phrases {
		rs := []rune(s)
		if len(rs) != 2 || len(s) != 6 || len(strings.Fields(r)) != 2 {
			t.Errorf("%s is read %q", s, r)
			continue
		}
		for i, p := range strings.Fields(r) {
			if !slices.Contains(newChar("", rs[i], "").read, p) {
				t.Errorf("%s: %c is never read %s", s, rs[i], p)
			}
		}
	}
}

func TestGivenNamesInAllReadings(t *testing.T) {
	keys := KeysName("王重乐")
	for _, q := range []string{"wcl", "wzl", "wcy", "wzy", "wangchongle", "wangzhongyue", "wangcl", "王zy"} {
		if !strings.Contains(keys, q) {
			t.Errorf("%q is not in %q", q, keys)
		}
	}
	// What a person believes to be right finds the surname too.
	if keys := KeysName("单小明"); !strings.Contains(keys, "danxiaoming") || !strings.Contains(keys, "dxm") {
		t.Errorf("danxiaoming is not in %q", keys)
	}
}

func TestPlacesAndWords(t *testing.T) {
	for text, want := range map[string]string{
		"珥陵": "erling", "丹阳": "danyang", "重庆": "chongqing", "长安": "changan", "银行": "yinhang", "会计": "kuaiji",
		"珥陵镇": "erlingzhen", "行宫村": "xinggongcun", "吕城": "lvcheng", "厦门": "xiamen", "农业银行": "nongyeyinhang",
		"曲阿街道": "quajiedao", "矛盾调处": "maoduntiaochu", "3组": "3zu", "A区": "aqu",
	} {
		forms := strings.Split(Keys(text), "\n")
		if !slices.Contains(forms, want) {
			t.Errorf("Keys(%s) = %q, want %q in it", text, forms, want)
		}
		if full := join(chars(Fold(text), false), make([]int, 64), 64, 0); full != want {
			t.Errorf("%s is read %s first, want %s", text, full, want)
		}
	}
	for _, q := range []string{"qajd", "qejd", "quejiedao"} {
		if !strings.Contains(Keys("曲阿街道"), q) {
			t.Errorf("%q does not find 曲阿街道", q)
		}
	}
}

func TestNothingIsDropped(t *testing.T) {
	for text, want := range map[string][]string{
		"𠮷野家":      {"𠮷野家", "𠮷yj", "𠮷yejia"},
		"\ue000小明": {"\ue000小明", "\ue000xm", "\ue000xiaoming"},
		"阿里木·买买提":  {"阿里木·买买提", "almmmt", "alimumaimaiti"},
		"ＡＢ１２号":    {"ab12号", "ab12h", "ab12hao"},
	} {
		forms := strings.Split(KeysName(text), "\n")
		for _, w := range want {
			if !slices.Contains(forms, w) {
				t.Errorf("KeysName(%s) = %q lacks %q", text, forms, w)
			}
		}
	}
	if Keys("") != "" || KeysName("") != "" || Keys("　。") != "." {
		t.Errorf("%q %q %q", Keys(""), KeysName(""), Keys("　。"))
	}
}

func TestKeysAreBounded(t *testing.T) {
	if n := len(strings.Split(KeysName("单"+strings.Repeat("哈", 11)), "\n")); n > 1+4*maxCombos {
		t.Errorf("%d forms of a name", n)
	}
	long := strings.Repeat("长", 20000)
	if n := len(Keys(long)); n > len(long)+3*maxPinyin*6 {
		t.Errorf("keys of %d bytes", n)
	}
}

func TestMatchRanks(t *testing.T) {
	for _, c := range []struct {
		query, text string
		want        Rank
	}{
		{"张晓明", "张晓明", Exact}, {"", "张晓明", Exact}, {"张", "张晓明", Prefix}, {"晓明", "张晓明", Within},
		{"zxm", "张晓明", Whole}, {"zhangxm", "张晓明", Whole}, {"zhangxiaoming", "张晓明", Whole}, {"张xm", "张晓明", Whole},
		{"zhxm", "张晓明", Whole}, {"ＺＸＭ", "张晓明", Whole}, {"zhang xiao ming", "张晓明", Whole}, {"z晓m", "张晓明", Whole},
		{"zx", "张晓明", Start}, {"zhangx", "张晓明", Start}, {"zha", "张晓明", Start}, {"张x", "张晓明", Start}, {"zhangxiaom", "张晓明", Whole},
		{"xm", "张晓明", Middle}, {"xiaoming", "张晓明", Middle}, {"zm", "张晓明", Scattered}, {"张m", "张晓明", Scattered},
		{"xian", "西安", Whole}, {"xi'an", "西安", Whole}, {"lv", "吕城", Start}, {"lü", "吕城", Start},
		{"danxm", "单小明", Whole}, {"shanxm", "单小明", Whole}, {"hxm", "黑小明", Whole}, {"ychxm", "尉迟小明", Whole}, {"wcxm", "尉迟小明", Whole},
		{"12", "12 停车与交通秩序", Prefix}, {"tc", "12 停车与交通秩序", Middle}, {"almt", "阿里木·买提", Scattered},
		{"𠮷yj", "𠮷野家", Whole}, {"zxc", "张巷村", Whole}, {"zhc", "张巷村", Whole}, {"zc", "张巷村", Scattered},
	} {
		got, ok := Match(c.query, c.text)
		if !ok || got != c.want {
			t.Errorf("Match(%q, %q) = %d, %t; want %d", c.query, c.text, got, ok, c.want)
		}
	}
	for _, c := range [][2]string{{"mx", "张晓明"}, {"zxmm", "张晓明"}, {"王", "张晓明"}, {"zhengxm", "张晓明"}, {"z", ""}, {"q", "张晓明"}, {strings.Repeat("z", 100), "张晓明"}} {
		if r, ok := Match(c[0], c[1]); ok {
			t.Errorf("Match(%q, %q) fits with rank %d", c[0], c[1], r)
		}
	}
}

func TestFilterGivesBestFirst(t *testing.T) {
	texts := []string{"郑晓敏霞", "赵晓", "张小明", "周新民", "王张晓明", "zxm"}
	got := Filter("zxm", len(texts), func(i int) string { return texts[i] })
	if want := []int{5, 2, 3, 0, 4}; !slices.Equal(got, want) {
		t.Errorf("Filter = %v, want %v", got, want)
	}
}

func TestCompareSortsBySurname(t *testing.T) {
	names := []string{"张小明", "尉迟小明", "单小明", "曾小明", "阿里木", "章小明", "张一", "孙小明", "3号", "朴小明"}
	slices.SortFunc(names, Compare)
	want := []string{"3号", "阿里木", "朴小明", "单小明", "孙小明", "尉迟小明", "曾小明", "张小明", "张一", "章小明"}
	if !slices.Equal(names, want) {
		t.Errorf("sorted %v, want %v", names, want)
	}
	if Compare("张小明", "张小明") != 0 {
		t.Error("a name differs from itself")
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range [][2]string{{"zxm", "张晓明"}, {"xi'an", "西安"}, {"𠮷yj", "𠮷野家"}, {"嗯m", "嗯呣"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, query, text string) {
		Match(query, text)
		Compare(query, text)
		for form := range strings.SplitSeq(KeysName(text), "\n") {
			if m := newMatcher(form); m.latin && utf8.ValidString(text) && form != "" {
				if _, ok := Match(form, text); !ok {
					t.Fatalf("%q is a key of %q and does not find it", form, text)
				}
			}
		}
	})
}

func BenchmarkKeysName(b *testing.B) {
	for b.Loop() {
		KeysName("张晓明")
	}
}

func BenchmarkKeysTitle(b *testing.B) {
	for b.Loop() {
		Keys("小区门口路灯不亮影响夜间出行安全")
	}
}

func BenchmarkFilter1000Deputies(b *testing.B) {
	surname, given := []rune("王李张刘陈杨赵黄周吴单曾仇解查区"), []rune("晓明建国丽华志强秀英海涛")
	names := make([]string, 1000)
	for i := range names {
		names[i] = string([]rune{surname[i%len(surname)], given[i/16%len(given)], given[i/7%len(given)]})
	}
	for b.Loop() {
		Filter("zxm", len(names), func(i int) string { return names[i] })
	}
}
