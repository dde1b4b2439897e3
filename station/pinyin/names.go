package pinyin

import (
	"strings"
	"unicode/utf8"
)

// surnames gives how a character that has several readings is read as a
// surname; where families differ, the more frequent reading first. Some of
// these readings (黑 he, 谌 shen, 费 bi) the dictionary does not have at all.
var surnames = map[rune]string{
	'单': "shan", '仇': "qiu", '曾': "zeng", '解': "xie", '查': "zha", '区': "ou", '盖': "ge", '朴': "piao",
	'翟': "zhai", '乐': "yue", '员': "yun", '种': "chong", '召': "shao", '缪': "miao", '繁': "po", '秘': "bi",
	'折': "she", '佴': "nai", '洗': "xian", '重': "chong", '黑': "he", '覃': "qin tan", '祭': "zhai", '牟': "mu",
	'句': "gou", '便': "pian", '能': "nai", '乜': "nie", '阚': "kan", '都': "du", '薄': "bo", '柏': "bai",
	'那': "na", '哈': "ha", '石': "shi", '车': "che", '过': "guo", '尉': "wei", '万': "wan", '俞': "yu",
	'任': "ren", '华': "hua", '宁': "ning", '盛': "sheng", '沈': "shen", '曲': "qu", '冯': "feng", '贾': "jia",
	'隗': "wei", '郗': "xi", '郇': "xun", '莘': "shen", '逄': "pang", '褚': "chu", '撒': "sa", '适': "kuo",
	'晟': "cheng", '藏': "zang", '臧': "zang", '长': "zhang", '於': "yu", '宿': "su", '眭': "sui", '谌': "chen shen",
	'钭': "tou", '呙': "guo", '郄': "qie", '仉': "zhang", '亓': "qi", '阿': "a", '拓': "tuo", '乌': "wu",
	'行': "xing", '宓': "mi", '隽': "juan", '贲': "ben", '逯': "lu", '鞠': "ju", '朝': "chao", '相': "xiang",
	'强': "qiang", '干': "gan", '费': "fei bi", '系': "xi", '舍': "she", '谷': "gu", '叶': "ye", '降': "jiang",
	'幺': "yao", '卜': "bu", '晁': "chao", '纪': "ji", '葛': "ge", '燕': "yan", '要': "yao", '少': "shao",
	'尹': "yin", '谯': "qiao", '肖': "xiao", '厘': "li", '盍': "he", '郝': "hao", '景': "jing",
}

// compounds are the surnames of two and more characters, with their reading.
var compounds = map[string]string{
	"尉迟": "yu chi", "万俟": "mo qi", "单于": "chan yu", "澹台": "tan tai", "长孙": "zhang sun", "乐正": "yue zheng",
	"欧阳": "ou yang", "上官": "shang guan", "司马": "si ma", "诸葛": "zhu ge", "东方": "dong fang", "皇甫": "huang fu",
	"公孙": "gong sun", "慕容": "mu rong", "令狐": "ling hu", "宇文": "yu wen", "司徒": "si tu", "夏侯": "xia hou",
	"轩辕": "xuan yuan", "端木": "duan mu", "百里": "bai li", "南宫": "nan gong", "东郭": "dong guo", "西门": "xi men",
	"呼延": "hu yan", "独孤": "du gu", "拓跋": "tuo ba", "闻人": "wen ren", "公冶": "gong ye", "宗政": "zong zheng",
	"濮阳": "pu yang", "淳于": "chun yu", "太叔": "tai shu", "申屠": "shen tu", "仲孙": "zhong sun", "钟离": "zhong li",
	"鲜于": "xian yu", "闾丘": "lv qiu", "司空": "si kong", "司寇": "si kou", "亓官": "qi guan", "巫马": "wu ma",
	"公西": "gong xi", "漆雕": "qi diao", "壤驷": "rang si", "公良": "gong liang", "夹谷": "jia gu", "宰父": "zai fu",
	"谷梁": "gu liang", "段干": "duan gan", "梁丘": "liang qiu", "左丘": "zuo qiu", "东门": "dong men", "南门": "nan men",
	"羊舌": "yang she", "微生": "wei sheng", "赫连": "he lian", "第五": "di wu", "即墨": "ji mo", "达奚": "da xi",
	"哥舒": "ge shu", "贺兰": "he lan", "纳兰": "na lan", "完颜": "wan yan", "叶赫": "ye he", "那拉": "na la",
	"子车": "zi ju", "颛孙": "zhuan sun", "公羊": "gong yang", "公户": "gong hu", "归海": "gui hai", "爱新觉罗": "ai xin jue luo",
}

// phrases are places and words of two characters whose reading does not follow
// from their characters one by one, or that the station meets every day.
var phrases = map[string]string{
	// Places in and around Danyang (丹阳).
	"丹阳": "dan yang", "珥陵": "er ling", "延陵": "yan ling", "曲阿": "qu a", "导墅": "dao shu", "皇塘": "huang tang",
	"行宫": "xing gong", "埤城": "pi cheng", "朝阳": "chao yang", "丹徒": "dan tu", "句容": "ju rong", "扬中": "yang zhong",
	// Places elsewhere.
	"重庆": "chong qing", "长安": "chang an", "长春": "chang chun", "长沙": "chang sha", "长江": "chang jiang", "成都": "cheng du",
	"厦门": "xia men", "蚌埠": "beng bu", "六安": "lu an", "台州": "tai zhou", "丽水": "li shui", "番禺": "pan yu",
	"都江": "du jiang", "首都": "shou du", "天台": "tian tai", "六合": "lu he", "铅山": "yan shan", "大厦": "da sha",
	// Words.
	"银行": "yin hang", "会计": "kuai ji", "行业": "hang ye", "行道": "xing dao", "自行": "zi xing", "重复": "chong fu",
	"重建": "chong jian", "长期": "chang qi", "音乐": "yin yue", "乐器": "yue qi", "调解": "tiao jie", "调整": "tiao zheng",
	"调处": "tiao chu", "调查": "diao cha", "学校": "xue xiao", "校车": "xiao che", "便宜": "pian yi", "返还": "fan huan",
	"还建": "huan jian", "偿还": "chang huan", "处理": "chu li", "供水": "gong shui", "供电": "gong dian", "供暖": "gong nuan",
	"堵塞": "du se", "参与": "can yu", "强制": "qiang zhi", "勉强": "mian qiang", "种植": "zhong zhi", "传统": "chuan tong",
	"行政": "xing zheng", "执行": "zhi xing", "人行": "ren xing", "行人": "xing ren", "村长": "cun zhang", "校长": "xiao zhang",
	"家长": "jia zhang", "成长": "cheng zhang", "增长": "zeng zhang", "大夫": "dai fu", "卫生": "wei sheng", "数量": "shu liang",
}

// surnameLen gives the length of the surname a name starts with, in
// characters: the longest compound there is, else one. It is 0 where the text
// does not start with a Chinese character.
func surnameLen(name string) int {
	for _, n := range [...]int{4, 2} {
		if compounds[prefix(name, n)] != "" {
			return n
		}
	}
	r, _ := utf8.DecodeRuneInString(name)
	if len(newChar("", r, surnames[r]).read) == 0 {
		return 0
	}
	return 1
}

// surnameReading gives the readings of each character of the surname that a
// name starts with, empty where there is nothing to add to the dictionary.
func surnameReading(name string) []string {
	n := surnameLen(name)
	if n <= 1 {
		r, _ := utf8.DecodeRuneInString(name)
		return []string{surnames[r]}
	}
	return strings.Fields(compounds[prefix(name, n)])
}

// prefix gives the first n characters of s, of three bytes each as those of
// the tables are; nothing where s is shorter.
func prefix(s string, n int) string {
	if n *= 3; n <= len(s) {
		return s[:n]
	}
	return ""
}

// phraseAt gives the readings of the two characters of the phrase that s
// starts with.
func phraseAt(s string) []string { return strings.Fields(phrases[prefix(s, 2)]) }
