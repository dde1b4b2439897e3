package station

import (
	"slices"
)

// An Action is what somebody can do about a matter.
type Action string

// The actions of the table.
const (
	DoReview   Action = "review"
	DoAssign   Action = "assign"
	DoAccept   Action = "accept"
	DoReturn   Action = "return"
	DoExtend   Action = "extend"
	DoPause    Action = "pause"
	DoResume   Action = "resume"
	DoUrge     Action = "urge"
	DoReply    Action = "reply"
	DoContact  Action = "contact"
	DoFeedback Action = "feedback"
	DoRate     Action = "rate"
	DoRedo     Action = "redo"
	DoMeeting  Action = "meeting"
	DoClose    Action = "close"
	DoFile     Action = "file"
	DoRefuse   Action = "refuse"
	DoEscalate Action = "escalate"
	DoSuggest  Action = "suggest"
	DoJoin     Action = "join"
	DoPart     Action = "part"
	DoKeep     Action = "keepPromise"
	DoReopen   Action = "reopen"
	DoNote     Action = "note"
)

// Actions name them, in the order of a matter's life.
var Actions = Terms{
	{string(DoReview), "", Text{"审核分类", "Review"}},
	{string(DoAssign), "", Text{"交办", "Assign"}},
	{string(DoAccept), "", Text{"签收", "Accept"}},
	{string(DoReply), "", Text{"单位答复", "Unit's reply"}},
	{string(DoFeedback), "", Text{"反馈选民", "Tell the voter"}},
	{string(DoRate), "", Text{"满意度", "Satisfaction"}},
	{string(DoRedo), "", Text{"重新办理", "Handle again"}},
	{string(DoMeeting), "", Text{"提交会商", "To a meeting"}},
	{string(DoClose), "", Text{"办结(代表认可)", "Close, the deputy accepts"}},
	{string(DoFile), "", Text{"归档", "File"}},
	{string(DoKeep), "", Text{"承诺兑现", "Promise kept"}},
	{string(DoReturn), "", Text{"退回", "Return"}},
	{string(DoContact), "", Text{"见面联系", "Met the voter"}},
	{string(DoUrge), "", Text{"催办", "Urge"}},
	{string(DoExtend), "", Text{"延期", "Extend"}},
	{string(DoPause), "", Text{"暂停", "Pause"}},
	{string(DoResume), "", Text{"恢复", "Resume"}},
	{string(DoRefuse), "", Text{"不予受理/引导", "Not accept or guide"}},
	{string(DoEscalate), "", Text{"报市", "Pass up to the city"}},
	{string(DoSuggest), "", Text{"转代表建议", "Make it a proposal"}},
	{string(DoReopen), "", Text{"重开", "Reopen"}},
	{string(DoJoin), "", Text{"并入主件", "Join to another"}},
	{string(DoPart), "", Text{"撤出并件", "Part from it"}},
	{string(DoNote), "", Text{"备注", "Note"}},
}

// A Need is one thing that a step must say.
type Need string

// What a step may need. Each is the JSON name of the field that says it.
const (
	NeedDisposition Need = "disposition"
	NeedUnit        Need = "unit"
	NeedNote        Need = "note" // reason or remark
	NeedReason      Need = "reason"
	NeedText        Need = "text"
	NeedClass       Need = "class"
	NeedDate        Need = "date"
	NeedApprover    Need = "approver"
	NeedMeans       Need = "means"
	NeedRating      Need = "attitude" // and outcome
	NeedGate        Need = "gate"
	NeedLead        Need = "lead"
)

// A Side is a ledger's: the station's or the city's.
type Side uint8

// Sides.
const (
	AtStation Side = 1 << iota
	AtCity
	AtBoth = AtStation | AtCity
)

// A Realm is whose a matter is: the city's where the city hands it out
// (D, E, F), otherwise the station's.
type Realm uint8

// Realms.
const (
	OfStation Realm = 1 << iota
	OfCity
	OfBoth = OfStation | OfCity
)

// realmOf tells whose a matter of this disposition is.
func realmOf(disposition string) Realm {
	if Handed(disposition) {
		return OfCity
	}
	return OfStation
}

// timerStop as a row's clock stops whatever runs.
const timerStop Timer = "stop"

// A Rank says how near a step lies.
type Rank uint8

// Ranks.
const (
	RankUsual Rank = iota // the way a matter goes
	RankHandy             // what is done on the way
	RankOther             // what leads off it
)

// A Transition is one row of the table: from which states an action leads
// where, who may do it at which side, what the step must say and which clock
// it starts. DOMAIN 3.1 and 3.2.
type Transition struct {
	Action Action
	From   []State
	To     State // 0: the state stays
	Of     Realm
	Side   Side
	Roles  []Role
	Needs  []Need
	Clock  Timer // that it starts; "" leaves the clock alone
	Joined bool  // also for a matter that follows another
	Rank   Rank  // as Next offers it

	only func(*Life) *Text // why it may not be done all the same
}

// Text names the action.
func (t Transition) Text() Text { return Actions.Label(string(t.Action)) }

// The roles of the rows. A unit needs no account: what it says is entered by
// the city or town office, or at the station from paper.
var (
	byHeads  = []Role{RoleHead, RoleTown}
	byClerks = []Role{RoleAttendant, RoleHead, RoleTown}
	byDeputy = []Role{RoleDeputy, RoleHead, RoleTown}
	byAll    = []Role{RoleAttendant, RoleDeputy, RoleHead, RoleTown}
	byCity   = []Role{RoleCity}
)

var (
	inHandling = []State{StAssigned, StAccepted, StDelayed, StRedo}
	toTell     = []State{StReplied}
	toJoin     = []State{StRegistered, StAnswered, StReviewed, StAssigned, StReturned, StAccepted, StDelayed, StRedo}
	toPart     = []State{StRegistered, StAnswered, StReviewed, StAssigned, StReturned, StAccepted, StDelayed, StRedo, StReplied, StSuggestion}
	notVoid    = []State{StRegistered, StAnswered, StReviewed, StAssigned, StReturned, StAccepted, StDelayed, StReplied, StRedo,
		StFedBack, StSuggestion, StRated, StArchived, StNotAccepted}
)

// flow is the table. Of the rows that a person may use on a matter the first
// is the usual one.
var flow = []Transition{
	{Action: DoReview, From: []State{StRegistered}, To: StReviewed, Of: OfBoth, Side: AtStation, Roles: byHeads, Needs: []Need{NeedDisposition}, Clock: TimerAssign},
	{Action: DoReview, From: []State{StRegistered}, To: StReviewed, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedDisposition}, Clock: TimerAssign},
	{Action: DoReview, From: []State{StReturned}, To: StReviewed, Of: OfStation, Side: AtStation, Roles: byHeads, Needs: []Need{NeedDisposition}}, // T4 runs on
	{Action: DoReview, From: []State{StReturned}, To: StReviewed, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedDisposition}},

	{Action: DoAssign, From: []State{StReviewed}, To: StAssigned, Of: OfStation, Side: AtStation, Roles: byHeads, Needs: []Need{NeedUnit}, Clock: TimerSign},
	{Action: DoAssign, From: []State{StReviewed}, To: StAssigned, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedUnit}, Clock: TimerSign, only: notProposal},

	{Action: DoAccept, From: []State{StAssigned}, To: StAccepted, Of: OfStation, Side: AtStation, Roles: byClerks, Clock: TimerHandle},
	{Action: DoAccept, From: []State{StAssigned}, To: StAccepted, Of: OfCity, Side: AtCity, Roles: byCity, Clock: TimerHandle},
	{Action: DoAccept, From: []State{StRedo}, To: StAccepted, Of: OfStation, Side: AtStation, Roles: byClerks, only: notOfSpot}, // T8 runs on
	{Action: DoAccept, From: []State{StRedo}, To: StAccepted, Of: OfCity, Side: AtCity, Roles: byCity, only: notOfSpot},

	{Action: DoReply, From: []State{StAccepted, StDelayed, StSuggestion}, To: StReplied, Of: OfBoth, Side: AtStation, Roles: byClerks, Needs: []Need{NeedText, NeedClass}, Clock: TimerTell},
	{Action: DoReply, From: []State{StAccepted, StDelayed, StSuggestion}, To: StReplied, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedText, NeedClass}, Clock: TimerTell},

	{Action: DoFeedback, From: toTell, To: StFedBack, Of: OfBoth, Side: AtStation, Roles: byAll, Needs: []Need{NeedMeans}, Clock: TimerAsk, Joined: true},
	{Action: DoFeedback, From: toTell, To: StFedBack, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedMeans}, Clock: TimerAsk, Joined: true},

	{Action: DoRate, From: []State{StFedBack, StAnswered}, To: StRated, Of: OfBoth, Side: AtStation, Roles: byClerks, Needs: []Need{NeedRating}, Clock: timerStop, Joined: true},
	{Action: DoRate, From: []State{StFedBack}, To: StRated, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedRating}, Clock: timerStop, Joined: true},

	{Action: DoRedo, From: []State{StRated}, To: StRedo, Of: OfStation, Side: AtStation, Roles: byHeads, Needs: []Need{NeedNote}, Clock: TimerRedo, Joined: true, only: badOnce},
	{Action: DoRedo, From: []State{StRated}, To: StRedo, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedNote}, Clock: TimerRedo, Joined: true, only: badOnce},
	{Action: DoRedo, From: []State{StReplied, StFedBack}, To: StRedo, Of: OfStation, Side: AtStation, Roles: byHeads, Needs: []Need{NeedNote}, Clock: TimerRedo, only: badOnce},
	{Action: DoRedo, From: []State{StReplied, StFedBack}, To: StRedo, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedNote}, Clock: TimerRedo, only: badOnce},
	{Action: DoMeeting, From: []State{StRated}, Of: OfStation, Side: AtStation, Roles: byHeads, Needs: []Need{NeedText}, Joined: true, only: badTwice},
	{Action: DoMeeting, From: []State{StRated}, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedText}, Joined: true, only: badTwice},
	{Action: DoClose, From: []State{StRated, StReplied, StFedBack}, Of: OfBoth, Side: AtStation, Roles: []Role{RoleDeputy, RoleHead}, only: notClosed},
	{Action: DoClose, From: []State{StRated, StReplied, StFedBack}, Of: OfCity, Side: AtCity, Roles: byCity, only: notClosed},
	{Action: DoFile, From: []State{StRated, StNotAccepted}, To: StArchived, Of: OfBoth, Side: AtStation, Roles: byHeads, Clock: timerStop, Joined: true, only: allDone},
	{Action: DoFile, From: []State{StRated, StNotAccepted}, To: StArchived, Of: OfCity, Side: AtCity, Roles: byCity, Clock: timerStop, Joined: true, only: allDone},
	{Action: DoKeep, From: []State{StReplied, StFedBack, StRated, StArchived}, Of: OfBoth, Side: AtStation, Roles: byClerks, Needs: []Need{NeedText}, only: promised},
	{Action: DoKeep, From: []State{StReplied, StFedBack, StRated, StArchived}, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedText}, only: promised},

	{Action: DoReturn, From: []State{StAssigned}, To: StReturned, Of: OfStation, Side: AtStation, Roles: byClerks, Needs: []Need{NeedNote}, Clock: TimerAgain},
	{Action: DoReturn, From: []State{StAssigned}, To: StReturned, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedNote}, Clock: TimerAgain},
	{Action: DoResume, From: []State{StAccepted, StDelayed}, Of: OfStation, Side: AtStation, Roles: byHeads, Needs: []Need{NeedNote}, only: paused},
	{Action: DoResume, From: []State{StAccepted, StDelayed}, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedNote}, only: paused},
	{Action: DoContact, From: inHandling, Of: OfBoth, Side: AtStation, Roles: byAll},
	{Action: DoContact, From: inHandling, Of: OfBoth, Side: AtCity, Roles: byCity},
	{Action: DoUrge, From: inHandling, Of: OfBoth, Side: AtStation, Roles: byDeputy},
	{Action: DoUrge, From: inHandling, Of: OfBoth, Side: AtCity, Roles: byCity},
	{Action: DoExtend, From: []State{StAccepted}, To: StDelayed, Of: OfStation, Side: AtStation, Roles: byHeads, Needs: []Need{NeedDate, NeedNote, NeedApprover}, only: notExtended},
	{Action: DoExtend, From: []State{StAccepted}, To: StDelayed, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedDate, NeedNote, NeedApprover}, only: notExtended},
	{Action: DoPause, From: []State{StAccepted, StDelayed}, Of: OfStation, Side: AtStation, Roles: byHeads, Needs: []Need{NeedNote}, only: notPaused},
	{Action: DoPause, From: []State{StAccepted, StDelayed}, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedNote}, only: notPaused},

	{Action: DoSuggest, From: []State{StRegistered, StReviewed, StReturned}, To: StSuggestion, Of: OfBoth, Side: AtStation, Roles: byDeputy, Needs: []Need{NeedGate}, Clock: timerStop},
	{Action: DoSuggest, From: []State{StRegistered, StReviewed, StReturned}, To: StSuggestion, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedGate}, Clock: timerStop},
	{Action: DoEscalate, From: []State{StReviewed, StReturned}, To: StReviewed, Of: OfStation, Side: AtStation, Roles: byHeads, Needs: []Need{NeedNote}, Clock: TimerAssign},
	{Action: DoReview, From: []State{StSuggestion}, To: StReviewed, Of: OfBoth, Side: AtStation, Roles: byHeads, Needs: []Need{NeedDisposition, NeedNote}, Clock: TimerAssign, only: notSuggested},
	{Action: DoReview, From: []State{StSuggestion}, To: StReviewed, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedDisposition, NeedNote}, Clock: TimerAssign, only: notSuggested},
	{Action: DoRefuse, From: []State{StRegistered}, To: StNotAccepted, Of: OfBoth, Side: AtStation, Roles: byClerks, Needs: []Need{NeedDisposition, NeedReason}, Clock: timerStop},
	{Action: DoRefuse, From: []State{StReviewed}, To: StNotAccepted, Of: OfBoth, Side: AtStation, Roles: byHeads, Needs: []Need{NeedDisposition, NeedReason}, Clock: timerStop},
	{Action: DoRefuse, From: []State{StRegistered, StReviewed}, To: StNotAccepted, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedDisposition, NeedReason}, Clock: timerStop},
	{Action: DoReopen, From: []State{StAnswered}, To: StReviewed, Of: OfStation, Side: AtStation, Roles: byHeads, Needs: []Need{NeedDisposition, NeedNote}, Clock: TimerAssign},
	{Action: DoReopen, From: []State{StRedo}, To: StReviewed, Of: OfStation, Side: AtStation, Roles: byHeads, Needs: []Need{NeedDisposition, NeedNote}, Clock: TimerAssign, only: ofSpot},
	{Action: DoJoin, From: toJoin, Of: OfBoth, Side: AtStation, Roles: byClerks, Needs: []Need{NeedLead}},
	{Action: DoJoin, From: toJoin, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedLead}},
	{Action: DoPart, From: toPart, To: StReviewed, Of: OfBoth, Side: AtStation, Roles: byClerks, Needs: []Need{NeedNote}, Clock: TimerAssign, Joined: true, only: joined},
	{Action: DoPart, From: toPart, To: StReviewed, Of: OfCity, Side: AtCity, Roles: byCity, Needs: []Need{NeedNote}, Clock: TimerAssign, Joined: true, only: joined},
	{Action: DoNote, From: notVoid, Of: OfBoth, Side: AtStation, Roles: byAll, Needs: []Need{NeedNote}, Joined: true},
	{Action: DoNote, From: notVoid, Of: OfBoth, Side: AtCity, Roles: byCity, Needs: []Need{NeedNote}, Joined: true},
}

func unless(ok bool, zh, en string) *Text {
	if ok {
		return nil
	}
	return &Text{zh, en}
}

func notProposal(l *Life) *Text {
	return unless(l.Disposition == "city", "拟作代表建议的,请用“转代表建议”。", "What is to be a deputy's proposal goes through “make it a proposal”.")
}

// notSuggested lets a matter that passed the gate be classed anew while no
// suggestion has it: none was made, or it was withdrawn. It is asked when the
// step is done; a timeline knows nothing of suggestions.
func notSuggested(l *Life) *Text {
	return unless(l.Suggestion == "", "这件在代表建议里,请先撤回那件建议。", "It is in a deputies' suggestion; withdraw that first.")
}

// ofSpot: what was answered on the spot and is to be handled again was never at
// a unit, and gets one by being classed anew.
func ofSpot(l *Life) *Text {
	return unless(l.Disposition == "onspot", "已有承办单位,由它重新办理。", "It has its unit already, which handles it again.")
}

func notOfSpot(l *Life) *Text {
	return unless(l.Disposition != "onspot", "当场答复的还没有承办单位,请先重开并交办。", "It was answered on the spot and has no unit; reopen it and assign it first.")
}

func badOnce(l *Life) *Text {
	if l.Bad >= 2 {
		return &Text{"已是第二次不满意,请提交会商,不再反复重办。", "This is the second time they are not satisfied: it goes to a meeting, not round again."}
	}
	return unless(l.own != StRated || l.Undecided, "评价里没有不满意,不用重新办理。", "Nobody was dissatisfied; there is nothing to handle again.")
}

func badTwice(l *Life) *Text {
	return unless(l.Bad >= 2 && l.Undecided, "第二次不满意的才提交会商。", "Only a second “not satisfied” goes to a meeting.")
}

func notClosed(l *Life) *Text {
	if l.Replied.IsZero() {
		return &Text{"没有单位答复,不用办结。", "No unit has replied; there is nothing to accept."}
	}
	return unless(!l.Closed, "已经办结。", "It is closed already.")
}

// allDone: 办理完成 is not 办结. What a unit has answered is filed once the
// deputy has accepted it, and a second 不满意 once a meeting has decided. Of a
// matter that follows another the deputy accepts the lead's.
func allDone(l *Life) *Text {
	switch {
	case l.own != StRated:
		return nil
	case l.Undecided && l.Bad >= 2:
		return &Text{"第二次不满意,先提交会商再归档。", "Not satisfied for the second time: a meeting decides before it is filed."}
	}
	return unless(l.Closed || l.Lead != "" || l.Replied.IsZero(), "单位答复了,但代表还没有认可(办结),先办结再归档。", "The unit has replied, but the deputy has not accepted it; close it first.")
}

func promised(l *Life) *Text {
	if l.Promise.IsZero() {
		return &Text{"没有承诺期限。", "Nothing was promised."}
	}
	return unless(l.Kept.IsZero(), "承诺已经兑现。", "The promise was kept already.")
}

func paused(l *Life) *Text {
	return unless(!l.Clock.Paused.IsZero(), "没有暂停。", "It is not paused.")
}

func notPaused(l *Life) *Text {
	return unless(l.Clock.Paused.IsZero(), "已经暂停。", "It is paused already.")
}

func notExtended(l *Life) *Text {
	return unless(!l.Extended, "每件只能延期一次。", "It can be extended only once.")
}

func joined(l *Life) *Text {
	return unless(l.Lead != "", "没有并入别的件。", "It follows no other matter.")
}

// rowFor looks up the row by which an action may be done from a state. The
// owner of the machine counts as any role of its side. elsewhere says that
// there is such a row, but for another side or role.
func rowFor(state State, a Action, role Role, side Side, realm Realm) (t *Transition, elsewhere bool) {
	for i := range flow {
		t := &flow[i]
		if t.Action != a || !slices.Contains(t.From, state) {
			continue
		}
		if t.Of&realm != 0 && t.Side&side != 0 && (role == RoleOwner || slices.Contains(t.Roles, role)) {
			return t, false
		}
		elsewhere = true
	}
	return nil, elsewhere
}

// find looks up the row by which an action may be done to a matter that is in
// a state, or says why it may not. What was answered on the spot is that again
// when it parts from a lead.
func (l *Life) find(state State, a Action, role Role, side Side) (Transition, *Text) {
	t, elsewhere := rowFor(state, a, role, side, realmOf(l.Disposition))
	if t != nil && a == DoPart && firstState(l.Disposition) == StAnswered { // it is answered, and nobody classed it to be handed out; 重开 does
		back := *t
		back.To, back.Clock = StAnswered, timerStop
		t = &back
	}
	what := Actions.Label(string(a))
	if _, known := Actions.Find(string(a)); !known {
		return Transition{}, &Text{"这一版程序不认识“" + what.ZH + "”这一步,请升级。", "This version does not know the step “" + what.EN + "”; update it."}
	}
	switch {
	case t != nil && l.Lead != "" && !l.leadVoid && !t.Joined:
		return *t, &Text{"已并入主件,请在主件上办。", "It follows another matter; do it there."}
	case t != nil && t.only != nil:
		return *t, t.only(l)
	case t != nil:
		return *t, nil
	case elsewhere:
		return Transition{}, &Text{"“" + what.ZH + "”不由这一方或这个角色办。", "“" + what.EN + "” is not for this side or role."}
	}
	is := state.Text()
	return Transition{}, &Text{"状态是“" + is.ZH + "”,不能“" + what.ZH + "”。", "The state is “" + is.EN + "”, from which “" + what.EN + "” is not possible."}
}

// Into says where the action leads, "" where the state stays.
func (t Transition) Into() Text {
	if t.To == 0 {
		return Text{}
	}
	return Text{"→ " + t.To.Text().ZH, "→ " + t.To.Text().EN}
}

// Asks reports whether the step must say something.
func (t Transition) Asks(n Need) bool { return slices.Contains(t.Needs, n) }

// Flow returns the table, for those who hold lives against it.
func Flow() []Transition { return slices.Clone(flow) }
