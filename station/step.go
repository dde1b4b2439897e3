package station

import (
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// KindStep is one transition in a matter's life (办理步骤). Whichever side acts
// writes it, beside the matter, and nobody ever revises it, but to blank its
// words where the voter's are erased: there is nothing to merge.
const KindStep ledger.Kind = "step"

// A Step is what somebody did about a matter. Which fields an action needs is
// said by the table of transitions. It travels, so it never holds who the
// voter is.
type Step struct {
	Matter ledger.ID `json:"matter"`
	Action Action    `json:"action"`
	Role   Role      `json:"role"`
	By     string    `json:"by"`   // account
	Name   string    `json:"name"` // who, as shown

	Disposition string     `json:"disposition,omitempty"` // as classed by this step
	Unit        string     `json:"unit,omitempty"`        // 主办单位: a code of the list, or a name
	Units       []string   `json:"units,omitempty"`       // 协办单位
	Note        string     `json:"note,omitempty"`        // reason or remark
	Reason      string     `json:"reason,omitempty"`      // code: RefuseReasons or GuideDoors
	Text        string     `json:"text,omitempty"`        // the reply, the meeting's conclusion
	DocNo       string     `json:"doc,omitempty"`         // 文号
	Class       string     `json:"class,omitempty"`       // ResultClass
	Date        typed.Date `json:"date,omitzero"`         // the new due date, or the promised one
	Means       string     `json:"means,omitempty"`       // Meanses: how the voter was told
	Attitude    string     `json:"attitude,omitempty"`    // Satisfactions: 办理态度
	Outcome     string     `json:"outcome,omitempty"`     // Satisfactions: 办理结果
	Gate        []string   `json:"gate,omitempty"`        // the answers to Gate, "no" each
	Approver    string     `json:"approver,omitempty"`    // who approved, as named
	Hard        bool       `json:"hard,omitempty"`        // 涉及面广、处理难度大
	Lead        ledger.ID  `json:"lead,omitempty"`        // the matter that this one joins

	// First is where and when the step was first written, once an erasure has
	// blanked its words: it keeps its place among the others.
	First *FirstWritten `json:"first,omitempty"`
}

// FirstWritten is what the header of a step's first revision says.
type FirstWritten struct {
	Ref  ledger.Ref   `json:"ref"`
	At   time.Time    `json:"at"`
	Seen []ledger.Ref `json:"seen,omitempty"`
}

// stepKeys: index "step-matter" is the matter's id and the step's; index
// "step-lead" is a lead's id and that of a matter which once joined it.
func stepKeys(e ledger.Entry) []ledger.Key {
	s, err := decode[Step](e)
	if err != nil || s.Matter == "" {
		return nil
	}
	ks := []ledger.Key{{Index: "step-matter", Key: string(s.Matter) + "-" + string(e.ID)}}
	if s.Lead != "" {
		ks = append(ks, ledger.Key{Index: "step-lead", Key: string(s.Lead) + "/" + string(s.Matter)})
	}
	return ks
}

// A Done is a step as the timeline shows it: in the order that both ends
// agree on, with the state it found and the one it left.
type Done struct {
	Step
	ID       ledger.ID
	Ref      ledger.Ref
	At       time.Time // the writer's clock
	City     bool      // done at the city
	From, To State
	Moot     *Text // why it has no effect (未生效); nil where it has

	seen     []ledger.Ref
	crossed  bool // a join that a join of the city's crosses
	leadVoid bool // a join to a matter that is void now
}

// Day is the day it was done, in Beijing.
func (s Done) Day() typed.Date { return typed.DateOf(s.At.In(Beijing)) }

// Closed sets of what a step says.
var (
	// Satisfactions: 满意度, on each of two axes. 拒评 and 联系不上 are answers.
	Satisfactions = Terms{
		{"good", "1", Text{"满意", "Satisfied"}},
		{"fair", "2", Text{"基本满意", "Fairly satisfied"}},
		{"bad", "3", Text{"不满意", "Not satisfied"}},
		{"refused", "4", Text{"拒绝评价", "Declined to say"}},
		{"unreached", "5", Text{"联系不上", "Not reached"}},
	}
	// Meanses: 反馈方式.
	Meanses = Terms{
		{"phone", "1", Text{"电话", "By phone"}},
		{"counter", "2", Text{"到站", "At the counter"}},
		{"visit", "3", Text{"上门", "At their home"}},
		{"slip", "4", Text{"书面", "In writing"}},
		{"posted", "5", Text{"张贴公示", "Posted"}},
		{"unreached", "6", Text{"联系不上", "Not reached"}},
	}
	// GuideDoors: where a voter is guided to (引导告知).
	GuideDoors = Terms{
		{"petition-office", "1", Text{"信访部门", "Petition office"}},
		{"lawsuit", "2", Text{"人民法院(诉讼)", "The court"}},
		{"arbitration", "3", Text{"仲裁", "Arbitration"}},
		{"review", "4", Text{"行政复议", "Administrative review"}},
		{"hotline", "5", Text{"12345 热线", "The 12345 hotline"}},
		{"legal-aid", "6", Text{"法律援助", "Legal aid"}},
		{"police", "7", Text{"公安机关", "The police"}},
	}
	// Gate: what 不应当作为代表建议提出 (DOMAIN 0.6, 4.1). Every answer must be no.
	Gate = Terms{
		{"self", "1", Text{"是否属于代表本人或亲属的个人事项", "Is it the deputy's own or a relative's affair?"}},
		{"petition", "2", Text{"是否只是代转的来信来访或申诉材料", "Is it merely a forwarded petition or case file?"}},
		{"court", "3", Text{"是否已进入或应当走诉讼、仲裁、复议程序", "Is it, or should it be, before a court or arbitration?"}},
		{"case", "4", Text{"是否涉及具体执法、司法案件", "Is it about a specific enforcement or court case?"}},
		{"bidding", "5", Text{"是否涉及招标投标等具体经济活动", "Is it about bidding or another business deal?"}},
		{"empty", "6", Text{"是否没有实际内容或不属于本级职权", "Does it lack substance, or lie outside this level's powers?"}},
	}
)

// Guidance is what the voter is told beside a reason for 不予受理 or a door that
// 引导告知 names: what to do instead.
func Guidance(reason string) Text {
	t, ok := guidance[reason]
	if !ok {
		return Text{"请向站内工作人员询问可以找的部门。", "Ask the staff of the station which office to turn to."}
	}
	return t
}

var guidance = map[string]Text{
	// 不予受理
	"court":    {"该事项应当通过诉讼、仲裁或者行政复议解决,请向有管辖权的法院、仲裁机构或复议机关提出;需要帮助可到法律援助中心(电话 12348)。", "This belongs before a court, an arbitration body or a reviewing authority. Turn to the one competent for it; the legal aid centre (phone 12348) can help."},
	"petition": {"该事项已由信访部门受理,在办理期限内不重复受理;请凭受理告知书向承办的信访部门查询进度。", "The petition office has taken this up already and it is not taken up twice. Ask there with the notice of receipt."},
	"scope":    {"该事项不属于人大职权范围;可以拨打 12345 政务服务热线,由主管部门答复。", "This lies outside the congress's powers. Call the 12345 hotline; the office in charge will answer."},
	"self":     {"代表本人或亲属的个人事项不能以代表身份提出;请以个人名义向主管部门反映。", "A deputy's own or a relative's affair cannot be raised as a deputy. Please raise it in your own name with the office in charge."},
	"case":     {"代表不干预具体案件和招标投标;请向办案机关、监督机关或者招投标监管部门反映。", "Deputies do not intervene in specific cases or in bidding. Turn to the authority that handles it, or to its supervisor."},
	"empty":    {"所反映的内容不够具体,暂时无法办理;补充时间、地点和具体诉求后可以再次登记。", "What was said is not specific enough to act upon. It can be recorded again with time, place and what is asked for."},
	"repeat":   {"该事项已有登记,并入原件一并办理;有了结果会同样答复您,请记下原件编号。", "This has been recorded before and joins the first; you will get its answer too. Keep the first one's number."},
	// 引导告知
	"petition-office": {"请到市(镇)信访局接待窗口反映,或通过国家信访局网上信访提交;请带身份证和有关材料。", "Please go to the petition office's counter, or use the national petition web site; bring your identity card and papers."},
	"lawsuit":         {"请向有管辖权的人民法院立案庭提起诉讼,或拨打 12368 诉讼服务热线咨询。", "Please bring it before the court competent for it, or call 12368 for advice on lawsuits."},
	"arbitration":     {"劳动争议请到人社局劳动人事争议仲裁院申请仲裁;其他合同纠纷按约定的仲裁机构办理。", "For labour disputes apply to the labour arbitration court; for other contracts to the body agreed upon."},
	"review":          {"请自知道行政行为之日起六十日内,向复议机关(市司法局行政复议窗口)申请行政复议。", "Apply for administrative review within sixty days of learning of the act, at the counter of the justice bureau."},
	"hotline":         {"请拨打 12345 政务服务便民热线,二十四小时受理,记下工单号便于查询。", "Call the 12345 hotline at any hour, and keep the ticket number."},
	"legal-aid":       {"请到市法律援助中心或镇街公共法律服务站,或拨打 12348。", "Go to the legal aid centre or the town's legal service station, or call 12348."},
	"police":          {"请到辖区派出所报案或咨询;紧急情况拨打 110。", "Go to the local police station; in an emergency call 110."},
}

// Worse is the satisfaction that counts of the two axes: the worse; who did
// not answer on one axis is counted by the other.
func Worse(attitude, outcome string) string {
	rank := func(s string) int {
		switch s {
		case "bad":
			return 5
		case "fair":
			return 4
		case "good":
			return 3
		case "refused":
			return 2
		case "unreached":
			return 1
		}
		return 0
	}
	if rank(attitude) > rank(outcome) {
		return attitude
	}
	return outcome
}
