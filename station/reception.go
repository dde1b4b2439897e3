package station

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"liaison/station/typed"
)

// Limits on what one reception may hold.
const (
	maxLine     = 200   // characters in a one-line field
	maxTitle    = 30    // characters of a matter's title
	maxCode     = 40    // characters of a code
	maxName     = 50    // characters of a person's name
	MaxContent  = 20000 // characters of a matter's content; the form's field takes FormContent
	maxMatters  = 50
	maxPersons  = 10000
	maxDeputies = 50
)

// FormContent is how many characters the form's content field takes.
const FormContent = 2000

// A Reception is a visit as it is typed, in a form or as a JSON line: one
// voter or group, and one or more matters.
type Reception struct {
	Ref          string    `json:"ref,omitempty"` // the caller's own name for it; the same one twice is recorded once
	At           time.Time `json:"at,omitzero"`   // zero: now
	Channel      string    `json:"channel,omitempty"`
	Persons      int       `json:"persons,omitempty"`
	Session      InSession `json:"session,omitzero"`
	Voter        InVoter   `json:"voter,omitzero"`
	Confidential bool      `json:"confidential,omitempty"` // 保密
	Notified     bool      `json:"notified,omitempty"`     // 已告知
	Matters      []Issue   `json:"matters"`
}

// InSession selects the session: by its modes, or by ID from the form.
type InSession struct {
	ID       string   `json:"-"`
	Time     string   `json:"time,omitempty"`
	Place    string   `json:"place,omitempty"`
	Where    string   `json:"where,omitempty"`
	Topic    string   `json:"topic,omitempty"`
	Theme    string   `json:"theme,omitempty"`
	Deputies []string `json:"deputies,omitempty"`
}

// InVoter is who came.
type InVoter struct {
	Name      string `json:"name,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Village   string `json:"village,omitempty"` // 12-digit code
	Address   string `json:"address,omitempty"`
	Sex       string `json:"sex,omitempty"`
	AgeBand   string `json:"age,omitempty"`
	IDCard    string `json:"idcard,omitempty"`
	Anonymous bool   `json:"anonymous,omitempty"`  // 不愿署名
	NoContact bool   `json:"no_contact,omitempty"` // 无法联系
}

// Issue is one matter as it is typed (一事一件).
type Issue struct {
	Title       string `json:"title,omitempty"` // empty: cut from the content
	Content     string `json:"content"`         // the voter's own words (原话)
	Kind        string `json:"kind,omitempty"`
	Category    string `json:"category,omitempty"`
	Disposition string `json:"disposition,omitempty"`
	Reply       string `json:"reply,omitempty"`
	Deputy      string `json:"deputy,omitempty"` // who replied
	Refuse      string `json:"refuse,omitempty"` // RefuseReasons, with H
	Affected    string `json:"affected,omitempty"`
	Urgency     string `json:"urgency,omitempty"`
	Village     string `json:"village,omitempty"` // where the matter lies; empty: the voter's
	// Repeat is the number of an earlier matter that this one repeats (重复反映):
	// it is joined to that one. Distinct are those that the program held for
	// the same and a person did not.
	Repeat   string     `json:"repeat,omitempty"`
	Distinct []Distinct `json:"distinct,omitempty"`
}

// Distinct is an earlier matter that is not the same one, and why.
type Distinct struct {
	Number string `json:"number"`
	Reason string `json:"reason"`
}

// Problems are the faults of a record by field, in the order of the form.
type Problems []FieldProblem

// FieldProblem is one fault and the field it stands at, such as
// "matters[0].category".
type FieldProblem struct {
	Field string
	typed.Problem
}

func (ps *Problems) add(field string, p *typed.Problem) {
	if p != nil {
		*ps = append(*ps, FieldProblem{field, *p})
	}
}

// text cleans a one-line text and holds it to a length in characters.
func (ps *Problems) text(field, s string, limit int) string {
	s = strings.TrimSpace(typed.Clean(s, false))
	if n := utf8.RuneCountInString(s); n > limit {
		ps.add(field, tooLong(n, limit))
	}
	return s
}

func tooLong(n, limit int) *typed.Problem {
	return &typed.Problem{Code: "too-long",
		ZH: "有 " + strconv.Itoa(n) + " 个字,最多 " + strconv.Itoa(limit) + " 个。",
		EN: strconv.Itoa(n) + " characters; at most " + strconv.Itoa(limit) + "."}
}

// clock reads a time of day; none stays none.
func (ps *Problems) clock(field, s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	c, err := typed.Clock(s)
	if err != nil {
		ps.add(field, asProblem(err))
	}
	return c
}

// err is nil where there are no problems.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Error lists every problem with its field, on one line.
func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteString(" ")
		}
		b.WriteString(p.Field + ": " + p.ZH + " " + p.EN)
	}
	return b.String()
}

// FieldsOf returns the field problems within err, if that is what it is.
func FieldsOf(err error) (Problems, bool) {
	var ps Problems
	ok := errors.As(err, &ps)
	return ps, ok
}

// Check cleans and normalises a reception and finds every fault in it. asked
// says that a person sat before the form: then the minimum of DOMAIN 2.2 is
// asked for (phone or none, village, a reply to what was answered on the
// spot). A line from another channel, or from paper, may lack those.
func (d *Desk) Check(r Reception, asked bool) (Reception, Problems) {
	var ps Problems
	now := d.now()
	if r.At.IsZero() {
		r.At = now
	}
	if y := r.At.In(Beijing).Year(); y < 1990 || y > 2200 {
		ps.add("at", &typed.Problem{Code: "date-range", ZH: "接待时间不在合理范围。", EN: "The time is not a plausible one."})
	} else if asked && typed.DateOf(r.At.In(Beijing)).Compare(d.Today()) > 0 {
		ps.add("at", &typed.Problem{Code: "date-future", ZH: "接待日期在今天之后。", EN: "The day lies after today."})
	}
	if r.Channel == "" {
		r.Channel = "walkin"
	}
	ps.add("channel", Channels.check(r.Channel))
	if r.Persons == 0 {
		r.Persons = 1
	}
	if r.Persons < 0 || r.Persons > maxPersons {
		ps.add("persons", &typed.Problem{Code: "persons-range",
			ZH: "人次应在 1 到 10000 之间。", EN: "Persons must be between 1 and 10000."})
	}
	if n := utf8.RuneCountInString(r.Ref); n > maxLine {
		ps.add("ref", tooLong(n, maxLine))
	}
	s, sp := d.checkSession(r.Session.session(typed.DateOf(r.At.In(Beijing))))
	r.Session.Time, r.Session.Place, r.Session.Topic, r.Session.Theme, r.Session.Where, r.Session.Deputies = s.Time, s.Place, s.Topic, s.Theme, s.Where, s.Deputies
	ps = append(ps, sp...)
	d.checkVoter(&r.Voter, asked, &ps)
	switch n := len(r.Matters); {
	case n == 0:
		ps.add("matters", &typed.Problem{Code: "matter-missing", ZH: "没有反映事项。", EN: "There is no matter."})
	case n > maxMatters:
		ps.add("matters", &typed.Problem{Code: "matters-many",
			ZH: "一次最多记 " + strconv.Itoa(maxMatters) + " 件。", EN: "At most " + strconv.Itoa(maxMatters) + " matters a visit."})
	}
	issues := make([]Issue, 0, len(r.Matters))
	for i, m := range r.Matters {
		d.checkIssue(&m, "matters["+strconv.Itoa(i)+"].", asked, &ps)
		issues = append(issues, m)
	}
	r.Matters = issues
	return r, ps
}

func (in InSession) session(day typed.Date) Session {
	return Session{Day: day, Time: in.Time, Place: in.Place, Where: in.Where, Topic: in.Topic, Theme: in.Theme, Deputies: in.Deputies}
}

func (d *Desk) checkVoter(v *InVoter, asked bool, ps *Problems) {
	v.Name = ps.text("voter.name", v.Name, maxName)
	if v.Anonymous {
		v.Name = "" // who does not want to be named is not
	} else if v.Name == "" {
		ps.add("voter.name", &typed.Problem{Code: "name-missing",
			ZH: "请填姓名;本人不愿署名的,选“不愿署名”。", EN: "Give a name, or mark the voter as anonymous."})
	}
	if noPhone(v.Phone) {
		v.NoContact = v.NoContact || strings.TrimSpace(v.Phone) != ""
		v.Phone = ""
		if asked && !v.NoContact && !v.Anonymous {
			ps.add("voter.phone", &typed.Problem{Code: "phone-missing",
				ZH: "请填电话;没有电话的,填“无”。", EN: "Give a phone number, or type “none”."})
		}
		v.NoContact = true
	} else if p, err := typed.Phone(v.Phone, ""); err != nil {
		ps.add("voter.phone", asProblem(err))
	} else {
		v.Phone, v.NoContact = p, false
	}
	checkVillage("voter.village", &v.Village, ps)
	if asked && v.Village == "" && len(d.Villages()) > 0 { // without a list there is nothing to choose from
		ps.add("voter.village", &typed.Problem{Code: "village-missing",
			ZH: "请选村(社区)。", EN: "Choose the village or community."})
	}
	v.Address = ps.text("voter.address", v.Address, maxLine)
	ps.add("voter.sex", Sexes.check(v.Sex))
	ps.add("voter.age", AgeBands.check(v.AgeBand))
	if strings.TrimSpace(v.IDCard) != "" {
		id, err := typed.IDCard(v.IDCard)
		if err != nil {
			ps.add("voter.idcard", asProblem(err))
		} else {
			v.IDCard = id.Number
		}
	} else {
		v.IDCard = ""
	}
}

// noPhone reports whether nothing was typed, or that there is none.
func noPhone(s string) bool {
	switch strings.ToLower(strings.TrimSpace(typed.Fold(s))) {
	case "", "无", "没有", "无电话", "没有电话", "none", "no", "-":
		return true
	}
	return false
}

// checkVillage checks the form of a code, not that a list has it: the codes
// change every year, and a reception must not be refused for that.
func checkVillage(field string, code *string, ps *Problems) {
	*code = strings.TrimSpace(typed.Fold(*code))
	if *code == "" {
		return
	}
	if len(*code) != 12 || strings.Trim(*code, "0123456789") != "" {
		ps.add(field, &typed.Problem{Code: "village-code",
			ZH: "村(社区)代码应为 12 位数字。", EN: "A village code has 12 digits."})
	}
}

func (d *Desk) checkIssue(m *Issue, at string, asked bool, ps *Problems) {
	m.Content = strings.TrimSpace(typed.Clean(m.Content, true))
	switch n := utf8.RuneCountInString(m.Content); {
	case n == 0:
		ps.add(at+"content", &typed.Problem{Code: "content-missing",
			ZH: "请写反映内容(选民原话)。", EN: "Write what the voter said."})
	case n > MaxContent:
		ps.add(at+"content", tooLong(n, MaxContent))
	}
	if m.Title = ps.text(at+"title", m.Title, maxTitle); m.Title == "" {
		m.Title = titleOf(m.Content)
	}
	if m.Kind == "" {
		m.Kind = "suggestion"
	}
	ps.add(at+"kind", MatterKinds.check(m.Kind))
	m.Category = strings.TrimSpace(typed.Fold(m.Category))
	if m.Category == "" {
		ps.add(at+"category", &typed.Problem{Code: "category-missing", ZH: "请选内容分类。", EN: "Choose a category."})
	} else if _, ok := d.Category(m.Category); !ok {
		ps.add(at+"category", &typed.Problem{Code: "category-unknown",
			ZH: "没有分类“" + quote(m.Category) + "”。", EN: "There is no category “" + quote(m.Category) + "”."})
	}
	if m.Disposition == "" {
		m.Disposition = "onspot"
	}
	ps.add(at+"disposition", Dispositions.check(m.Disposition))
	m.Reply = strings.TrimSpace(typed.Clean(m.Reply, true))
	if n := utf8.RuneCountInString(m.Reply); n > MaxContent {
		ps.add(at+"reply", tooLong(n, MaxContent))
	}
	if asked && m.Disposition == "onspot" && m.Reply == "" {
		ps.add(at+"reply", &typed.Problem{Code: "reply-missing",
			ZH: "当场答复的,请写答复内容(F4 常用语)。", EN: "What was answered on the spot? (F4 for phrases)"})
	}
	if m.Disposition == "refuse" {
		if m.Refuse != "" {
			ps.add(at+"refuse", RefuseReasons.check(m.Refuse))
		} else if asked {
			ps.add(at+"refuse", &typed.Problem{Code: "refuse-missing", ZH: "不予受理的,请选理由。", EN: "Choose why it is not accepted."})
		}
	} else {
		m.Refuse = ""
	}
	if m.Affected != "" {
		ps.add(at+"affected", Affecteds.check(m.Affected))
	}
	if m.Urgency == "" {
		m.Urgency = "normal"
	}
	ps.add(at+"urgency", Urgencies.check(m.Urgency))
	checkVillage(at+"village", &m.Village, ps)
	if m.Deputy = ps.text(at+"deputy", typed.Fold(m.Deputy), maxCode); m.Deputy != "" {
		ps.add(at+"deputy", d.knownDeputy(m.Deputy))
	}
	checkRepeat(m, at, ps)
}

// titleOf cuts a title from the voter's words: the first clause, at most 20
// characters. Words that begin with punctuation lose it; where nothing else is
// there, it stays.
func titleOf(content string) string {
	const stops, pauses, most = "。；;！!？?", "，,、", 20
	line, _, _ := strings.Cut(strings.TrimLeft(content, stops+pauses+" \n"), "\n")
	r := []rune(cmpOr(line, strings.ReplaceAll(content, "\n", " ")))
	for i, c := range r {
		if i >= most || line != "" && (strings.ContainsRune(stops, c) || i >= 6 && strings.ContainsRune(pauses, c)) {
			r = r[:i]
			break
		}
	}
	return strings.TrimSpace(string(r))
}

// asProblem unwraps what the parsers of what people type return.
func asProblem(err error) *typed.Problem {
	if p, ok := errors.AsType[typed.Problem](err); ok {
		return &p
	}
	return &typed.Problem{Code: "unreadable", ZH: "看不懂这一项。", EN: "This could not be read."}
}
