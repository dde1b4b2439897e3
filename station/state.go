package station

// A State of a matter is computed from the record, its steps and the rules on
// both sides alike, and never stored (DOMAIN 3.1).
type State uint8

// The states.
const (
	StRegistered  State = 10
	StAnswered    State = 20
	StReviewed    State = 30
	StAssigned    State = 40
	StReturned    State = 41
	StAccepted    State = 42
	StDelayed     State = 45
	StReplied     State = 46 // 办理完成: the unit says so
	StRedo        State = 47
	StFedBack     State = 50
	StSuggestion  State = 60
	StRated       State = 70
	StArchived    State = 80
	StNotAccepted State = 85
	StVoid        State = 99
)

// States lists them with the words of JSON.
var States = []struct {
	State
	Code string
	Text Text
}{
	{StRegistered, "registered", Text{"已登记", "Registered"}},
	{StAnswered, "answered", Text{"当场答复", "Answered"}},
	{StReviewed, "reviewed", Text{"已审核", "Reviewed"}},
	{StAssigned, "assigned", Text{"已交办", "Assigned"}},
	{StReturned, "returned", Text{"被退回", "Returned"}},
	{StAccepted, "accepted", Text{"办理中", "In hand"}},
	{StDelayed, "extended", Text{"办理中(已延期)", "In hand, extended"}},
	{StReplied, "replied", Text{"单位已答复", "Unit replied"}},
	{StRedo, "redo", Text{"重新办理", "Handled again"}},
	{StFedBack, "told", Text{"已反馈选民", "Voter told"}},
	{StSuggestion, "proposal", Text{"转代表建议", "Made a proposal"}},
	{StRated, "rated", Text{"已评价", "Rated"}},
	{StArchived, "filed", Text{"已归档", "Filed"}},
	{StNotAccepted, "not_accepted", Text{"不予受理/已引导", "Not accepted or guided"}},
	{StVoid, "void", Text{"作废", "Void"}},
}

// Text names the state.
func (s State) Text() Text {
	for _, x := range States {
		if x.State == s {
			return x.Text
		}
	}
	return Text{"?", "?"}
}

// Code is the state's word in JSON.
func (s State) Code() string {
	for _, x := range States {
		if x.State == s {
			return x.Code
		}
	}
	return "unknown"
}

// Ended reports that nothing is left to do.
func (s State) Ended() bool {
	return s == StArchived || s == StNotAccepted || s == StVoid
}

// firstState is what a matter is in before any step: by the disposition at
// the desk.
func firstState(disposition string) State {
	switch disposition {
	case "onspot":
		return StAnswered
	case "guide", "refuse":
		return StNotAccepted
	case "collect":
		return StArchived
	}
	return StRegistered
}
