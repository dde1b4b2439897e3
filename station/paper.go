package station

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// A PaperKind is one of the papers that belong to a matter's life (DOMAIN 11).
type PaperKind string

// The papers.
const (
	PaperSlip     PaperKind = "slip"     // 回执, for the voter
	PaperForm     PaperKind = "form"     // 接待选民登记表, for the station's file
	PaperAssign   PaperKind = "assign"   // 交办单 with its tear-off 签收/退回联, for the unit
	PaperFeedback PaperKind = "feedback" // 办理结果反馈单, the voter's part on its back
	PaperGuide    PaperKind = "guide"    // 引导告知单 or 不予受理告知单, for the voter
)

// Papers name them, in the order in which they are offered.
var Papers = Terms{
	{string(PaperSlip), "1", Text{"回执", "Slip"}},
	{string(PaperForm), "2", Text{"登记表", "Form"}},
	{string(PaperAssign), "3", Text{"交办单", "Assignment"}},
	{string(PaperFeedback), "4", Text{"反馈单", "Result"}},
	{string(PaperGuide), "5", Text{"告知单", "Guidance"}},
}

// A PaperSize is a sheet, upright.
type PaperSize string

// Sizes; an A5 paper fits on an 80 mm roll too.
const (
	A4 PaperSize = "A4"
	A5 PaperSize = "A5"
)

// A Paper is one official paper about a matter, as a value: what stands on it,
// not how it is drawn. Its labels are Chinese, like the office that it goes to.
// Signatures and seals are places left empty; nothing is ever drawn there.
type Paper struct {
	Kind   PaperKind
	Size   PaperSize
	Number string // of the reception or the matter
	Office string // whose paper it is: 曲阿街道代表联络站
	Title  string // 交办单
	Named  bool   // a voter's name or phone stands on it in full
	Blocks []PaperBlock
}

// A BlockKind says which fields of a block count.
type BlockKind uint8

// Kinds of blocks.
const (
	BlockPairs BlockKind = iota // Pairs
	BlockText                   // Label, Text, Room
	BlockTick                   // Label, Ticks
	BlockSigns                  // Signs
	BlockHead                   // Text: a title within the paper
	BlockNote                   // Text: small print
	BlockTear                   // Text: along this line it is torn off
	BlockTurn                   // the paper goes on on its back
)

// A PaperBlock is one part of a paper, from top to bottom.
type PaperBlock struct {
	Kind  BlockKind
	Label string
	Text  string
	Room  int // millimetres that a text takes at least, for what is written by hand
	Pairs []PaperPair
	Ticks []string
	Signs []PaperSign
}

// A PaperPair is a label and its value; an empty value is a line to write on.
type PaperPair struct {
	Label, Value string
	Wide         bool // takes the whole width
}

// A PaperSign is a place to sign; Seal leaves room for a seal too.
type PaperSign struct {
	Who  string
	Seal bool
}

// A Dossier is what papers are made of: one reception with the lives of its
// matters, as read at one moment.
type Dossier struct {
	Full
	Lives []Life
	N     int // the matter that is meant, from 1; 0: the reception

	recorder string
	leads    map[ledger.ID]string // numbers of matters that others follow
}

// Dossier reads a reception for its papers, as far as who may see it. n is the
// matter that is meant, 0 the reception.
func (d *Desk) Dossier(who Who, visit ledger.ID, n int) (Dossier, error) {
	f, err := d.Read(who, visit)
	if err != nil {
		return Dossier{}, err
	}
	x := Dossier{Full: f, N: n, leads: map[ledger.ID]string{}}
	for i := range f.Matters {
		l, err := d.Life(who, f.MatterID(i))
		if err != nil {
			return Dossier{}, err
		}
		if l.Lead != "" {
			if lead, err := d.Life(who, l.Lead); err == nil { // whom it does not concern is not told the number
				x.leads[l.Lead] = lead.Number
			}
		}
		x.Lives = append(x.Lives, l)
	}
	if u, err := d.User(f.Visit.By); err == nil && !d.AtCity() {
		x.recorder = u.Name
	}
	return x, nil
}

// DossierByNumber is likewise by the number that a person gives.
func (d *Desk) DossierByNumber(who Who, number string) (Dossier, error) {
	f, n, err := d.Lookup(who, number)
	if err != nil {
		return Dossier{}, err
	}
	return d.Dossier(who, f.ID, n)
}

// meant are the indexes of the matters that the papers are about.
func (x Dossier) meant() []int {
	if x.N > 0 && x.N <= len(x.Lives) {
		return []int{x.N - 1}
	}
	out := make([]int, len(x.Lives))
	for i := range out {
		out[i] = i
	}
	return out
}

// PapersNow lists the papers that exist now: slip and form always, the others
// once the matter has come so far.
func (d *Desk) PapersNow(x Dossier) []PaperKind {
	var out []PaperKind
	for _, t := range Papers {
		for _, i := range x.meant() {
			if x.lacks(PaperKind(t.Code), i) == nil {
				out = append(out, PaperKind(t.Code))
				break
			}
		}
	}
	return out
}

// Compose makes the papers of one kind: one a matter, and of a slip one for
// all. What has not come so far has none; where none is left the problem says
// why. reveal prints name and phone in full, where the paper may carry them:
// whoever asks for that has it recorded first, by Reveal or by PapersOf.
func (d *Desk) Compose(x Dossier, kind PaperKind, reveal bool) ([]Paper, error) {
	if err := Papers.check(string(kind)); err != nil {
		return nil, *err
	}
	if kind == PaperSlip {
		return []Paper{d.slip(x, reveal)}, nil
	}
	var out []Paper
	lack := typed.Problem{Code: "paper-none", ZH: "这次登记没有事项。", EN: "This reception has no matter."}
	for _, i := range slices.Backward(x.meant()) { // so that of several reasons the first matter's is told
		if why := x.lacks(kind, i); why != nil {
			what := Papers.Label(string(kind))
			lack = typed.Problem{Code: "paper-not-yet", ZH: x.Lives[i].Number + " 没有" + what.ZH + ":" + why.ZH,
				EN: "There is no " + strings.ToLower(what.EN) + " of " + x.Lives[i].Number + ": " + why.EN}
			continue
		}
		c := d.composer(x, i, reveal)
		switch kind {
		case PaperForm:
			c.form()
		case PaperAssign:
			c.assign()
		case PaperFeedback:
			c.feedback()
		case PaperGuide:
			c.guide()
		}
		out = slices.Insert(out, 0, c.Paper)
	}
	if len(out) == 0 {
		return nil, lack
	}
	return out, nil
}

// PapersOf is Compose for who, to be handed on at once: papers on which a name
// or phone stands in full are recorded before they are returned.
func (d *Desk) PapersOf(who Who, x Dossier, kind PaperKind, reveal bool) ([]Paper, error) {
	ps, err := d.Compose(x, kind, reveal)
	if err != nil {
		return nil, err
	}
	for _, p := range ps {
		if p.Named {
			if _, err := d.Reveal(who, x.Full); err != nil {
				return nil, err
			}
			break
		}
	}
	return ps, nil
}

// MayPrint returns a problem unless who may print on the machine's printer:
// whoever sits before it, and over SSH those who record there.
func (w Who) MayPrint() error {
	if w.Door != "ssh" {
		return nil
	}
	return w.need(RightRecord)
}

// lacks says why a paper of the i-th matter does not exist, nil where it does.
func (x Dossier) lacks(kind PaperKind, i int) *Text {
	l := x.Lives[i]
	if kind == PaperSlip || kind == PaperForm {
		return nil
	}
	_, assigned := l.assignment()
	switch {
	case l.State == StVoid:
		return &Text{"登记已作废,只有回执和登记表。", "the reception is void, and only slip and form are left."}
	case kind == PaperAssign && l.Lead != "":
		return &Text{"已并入主件" + x.leads[l.Lead] + ",请印主件的交办单。", "it follows another matter " + x.leads[l.Lead] + "; print the assignment of that one."}
	case kind == PaperAssign && !assigned:
		return &Text{"现在是“" + l.State.Text().ZH + "”,交办以后才有。", "it is “" + l.State.Text().EN + "”; there is one once it is assigned."}
	case kind == PaperFeedback && firstState(l.Disposition) == StAnswered:
		return &Text{"是当场答复的,没有单位答复;请印登记表或回执。", "it was answered on the spot and no unit replies; print the form or the slip."}
	case kind == PaperFeedback && l.Replied.IsZero():
		return &Text{"单位还没有答复,录入单位答复以后才有。", "no unit has replied; there is one once the reply is entered."}
	case kind == PaperGuide && !l.turnedAway():
		return &Text{"没有不予受理,也没有引导到别处。", "it was neither turned down nor guided elsewhere."}
	}
	return nil
}

// turnedAway reports 不予受理 or 引导告知.
func (l Life) turnedAway() bool {
	return (l.Disposition == "guide" || l.Disposition == "refuse") && (l.State == StNotAccepted || l.State == StArchived)
}

// assignment is the step by which the matter lies at its unit now, false where
// it lies at none: not yet, returned, or taken elsewhere since.
func (l Life) assignment() (at Done, ok bool) {
	for _, s := range l.Steps {
		if s.Moot != nil {
			continue
		}
		switch s.Action {
		case DoAssign:
			at, ok = s, true
		case DoRedo:
			if !ok && s.Unit != "" { // out of the matter that it followed
				at, ok = s, true
			}
		case DoReturn, DoPart, DoSuggest, DoEscalate, DoRefuse, DoReopen:
			at, ok = Done{}, false
		}
	}
	return at, ok
}

// stationSuffixes are what a station's name ends in; what stands before is its
// short name (站简称).
var stationSuffixes = []string{"人大代表联络站", "代表联络站"}

// maxShortName is how many characters a short name may have in a document
// number.
const maxShortName = 10

// DocNumber writes a reception's number the way documents do (GB/T 9704: year
// in hexagonal brackets): 曲阿街道接〔2026〕第A0123号, of the second of several
// matters 第A0123-2号. The epoch's letter stays, without which two receptions
// would have one number. "" where the station's name gives no short name.
func (d *Desk) DocNumber(station string, n Number, matter int) string {
	p, ok := splitNumber(strings.ReplaceAll(string(n), "-", ""))
	if !ok {
		return ""
	}
	name := d.StationName(station)
	for _, s := range stationSuffixes {
		short, cut := strings.CutSuffix(name, s)
		if !cut || short == "" || utf8.RuneCountInString(short) > maxShortName {
			continue
		}
		which := ""
		if matter > 0 {
			which = fmt.Sprintf("-%d", matter)
		}
		return fmt.Sprintf("%s接〔%d〕第%s%04d%s号", short, 2000+p.year, p.letter, p.run, which)
	}
	return ""
}

// paperDay writes a day as documents do: 2026年11月23日, without zeros in
// front; "" for none.
func paperDay(d typed.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day)
}

// paperTime is likewise with the clock.
func paperTime(t time.Time) string {
	t = t.In(Beijing)
	return paperDay(typed.DateOf(t)) + t.Format(" 15:04")
}
