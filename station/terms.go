package station

import "liaison/station/typed"

// Text is one thing said in both languages.
type Text struct{ ZH, EN string }

// A Term is one value of a closed set: the word that files and JSON use, the
// key that picks it on a form, and its label.
type Term struct {
	Code string
	Key  string
	Text
}

// Terms is a closed set in the order people know it.
type Terms []Term

// Find returns the term with this code.
func (ts Terms) Find(code string) (Term, bool) {
	for _, t := range ts {
		if t.Code == code {
			return t, true
		}
	}
	return Term{}, false
}

// Label returns the text of a code; an unknown code is its own label, since
// a newer program may have written it.
func (ts Terms) Label(code string) Text {
	if t, ok := ts.Find(code); ok {
		return t.Text
	}
	return Text{code, code}
}

// check returns a problem unless code is one of the terms.
func (ts Terms) check(code string) *typed.Problem {
	if _, ok := ts.Find(code); ok {
		return nil
	}
	var codes string
	for i, t := range ts {
		if i > 0 {
			codes += " "
		}
		codes += t.Code
	}
	return &typed.Problem{Code: "unknown-word",
		ZH: "没有“" + quote(code) + "”这个选项,可用:" + codes + "。",
		EN: "“" + quote(code) + "” is not one of: " + codes + "."}
}

// The closed sets of DOMAIN 2 and 5; the words are those of JSON lines.
var (
	// Channels: 反映方式.
	Channels = Terms{
		{"walkin", "1", Text{"进站接待", "Walk-in"}},
		{"visit", "2", Text{"走访入户", "Home visit"}},
		{"forum", "3", Text{"座谈会", "Forum"}},
		{"site", "4", Text{"现场调研", "On site"}},
		{"phone", "5", Text{"电话", "Phone"}},
		{"letter", "6", Text{"信函", "Letter"}},
		{"online", "7", Text{"网上微信", "Online"}},
		{"appointment", "8", Text{"预约接待", "Appointment"}},
		{"relay", "9", Text{"网格员转报", "Relayed"}},
	}
	// Times: 定时与不定时, by plan or as the work needs.
	Times = Terms{
		{"fixed", "1", Text{"定时", "Fixed time"}},
		{"adhoc", "2", Text{"不定时", "Any time"}},
	}
	// Places: 定点与不定点; all but "station" are 不定点.
	Places = Terms{
		{"station", "1", Text{"进站", "At the station"}},
		{"visit", "2", Text{"走访", "Visit"}},
		{"site", "3", Text{"现场", "On site"}},
		{"forum", "4", Text{"座谈会", "Forum"}},
	}
	// Topics: 定向与不定向, on a theme or on what the voter brings.
	Topics = Terms{
		{"themed", "1", Text{"设主题", "Themed"}},
		{"open", "2", Text{"不设主题", "Open"}},
	}
	// MatterKinds: 诉求性质.
	MatterKinds = Terms{
		{"suggestion", "1", Text{"意见建议", "Suggestion"}},
		{"help", "2", Text{"求助", "Help"}},
		{"question", "3", Text{"咨询", "Question"}},
		{"complaint", "4", Text{"投诉批评", "Complaint"}},
		{"praise", "5", Text{"表扬", "Praise"}},
		{"other", "6", Text{"其他", "Other"}},
	}
	// Dispositions: 处理方式, A to J.
	Dispositions = Terms{
		{"onspot", "A", Text{"当场答复", "Answered on the spot"}},
		{"village", "B", Text{"交村(社区)", "To the village"}},
		{"town", "C", Text{"交镇街", "To the town"}},
		{"city", "D", Text{"报市转办", "To the city"}},
		{"proposal", "E", Text{"代表建议", "Deputy's proposal"}},
		{"upper", "F", Text{"委托上级代表", "To a higher deputy"}},
		{"guide", "G", Text{"引导告知", "Guided elsewhere"}},
		{"refuse", "H", Text{"不予受理", "Not accepted"}},
		{"mediate", "I", Text{"转矛盾调处", "To mediation"}},
		{"collect", "J", Text{"留存汇总", "Kept for the digest"}},
	}
	// RefuseReasons: 不予受理的理由, DOMAIN 2.6.
	RefuseReasons = Terms{
		{"court", "1", Text{"应走或正在诉讼、仲裁、复议", "Belongs or is before a court"}},
		{"petition", "2", Text{"信访已受理", "Taken up as a petition already"}},
		{"scope", "3", Text{"非人大职权", "Outside the congress's powers"}},
		{"self", "4", Text{"代表本人或亲属事项", "The deputy's own or relatives' affair"}},
		{"case", "5", Text{"招投标或具体案件", "Bidding or a specific case"}},
		{"empty", "6", Text{"无实质内容", "No substance"}},
		{"repeat", "7", Text{"重复件,并入原件", "Repeated, joined to the first"}},
	}
	// Sexes follow GB/T 2261.1 in meaning.
	Sexes = Terms{
		{"", "0", Text{"未填", "Not given"}},
		{"male", "1", Text{"男", "Male"}},
		{"female", "2", Text{"女", "Female"}},
	}
	// AgeBands: 年龄段, asked instead of a birth date.
	AgeBands = Terms{
		{"", "0", Text{"未填", "Not given"}},
		{"18-35", "1", Text{"18–35", "18–35"}},
		{"36-59", "2", Text{"36–59", "36–59"}},
		{"60+", "3", Text{"60以上", "60 and over"}},
	}
	// Affecteds: 涉及人数.
	Affecteds = Terms{
		{"one", "1", Text{"个人", "One person"}},
		{"few", "2", Text{"5人以下", "Under 5"}},
		{"some", "3", Text{"5–49人", "5 to 49"}},
		{"many", "4", Text{"50人以上", "50 and more"}},
	}
	// Urgencies: 紧急程度.
	Urgencies = Terms{
		{"normal", "1", Text{"一般", "Normal"}},
		{"urgent", "2", Text{"紧急", "Urgent"}},
		{"safety", "3", Text{"特急(安全)", "Safety"}},
	}
)

// Handed reports whether a disposition hands the matter to someone who must
// be able to call the voter: D, E and F. Only then do name and phone travel.
func Handed(disposition string) bool {
	return disposition == "city" || disposition == "proposal" || disposition == "upper"
}

// quote makes what somebody typed fit to stand in a sentence on a terminal:
// clean, on one line, and short.
func quote(s string) string {
	const most = 40
	s = typed.Clean(s[:min(len(s), 8*most)], false)
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}
