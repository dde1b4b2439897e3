package clerk

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// SuggestUsage is how the suggest command is called; SuperviseUsage the
// supervise command.
const (
	SuggestUsage = "[NUMBER [assign --lead U [--co U,…] [--separate U,…] [--hard] | reply --text T|- --class C [--date D] [--doc NO] [--signer N] [--met] | " +
		"appraise --attitude A --outcome O [--reason R] | key WHY | leader CODE | agree DEPUTY | meet DECISION | renumber WHY | withdraw WHY] | new FILE|-] [--json]"
	SuperviseUsage = "[gaps | log [NUMBER] [--year Y] | add FILE|-] [--json]"
)

// suggestFlags are the flags of all acts.
type suggestFlags struct {
	lead, date string
	co, apart  []string
	hard       bool
	reply      station.SuggestionReply
	appraisal  station.Appraisal
	json       bool
}

func (f *suggestFlags) define(fs *pflag.FlagSet) {
	for name, to := range map[string]*string{"lead": &f.lead, "date": &f.date, "text": &f.reply.Text, "class": &f.reply.Class, "doc": &f.reply.Doc, "signer": &f.reply.Signer,
		"attitude": &f.appraisal.Attitude, "outcome": &f.appraisal.Outcome, "reason": &f.appraisal.Reason} {
		fs.StringVar(to, name, "", "")
	}
	fs.StringSliceVar(&f.co, "co", nil, "")
	fs.StringSliceVar(&f.apart, "separate", nil, "")
	fs.BoolVar(&f.reply.Met, "met", false, "")
	fs.BoolVar(&f.hard, "hard", false, "")
	fs.BoolVar(&f.json, "json", false, "")
}

// Suggest lists deputies' suggestions, shows one, or does one act of its life.
// Who may do what, the desk decides.
func Suggest(c Call, args []string) error {
	var f suggestFlags
	fs := Flags("suggest")
	f.define(fs)
	args, err := c.Parse(fs, args, 0, 3)
	if err != nil {
		return err
	}
	var s station.Suggestion
	switch {
	case len(args) == 0:
		return Suggestions(c, f.json)
	case args[0] == "new" && len(args) == 2:
		if err = c.object(args[1], &s); err == nil {
			s, err = c.Desk.NewSuggestion(c.Who, s)
		}
	case len(args) == 1:
		if s, err = c.Desk.SuggestionNumbered(c.Who, args[0]); err == nil && !f.json {
			return c.suggestion(s)
		}
	default:
		s, err = c.suggestAct(f, args[0], args[1], args[2:])
	}
	if err != nil {
		return err
	}
	if f.json {
		return c.putJSON(c.line(s))
	}
	_, err = fmt.Fprintf(c.Stdout, "%s %s %s\n", s.Called(), s.Number().ZH, c.standing(s))
	return err
}

// suggestAct does one act; what it says stands in the flags, or is the one
// word after it.
func (c Call) suggestAct(f suggestFlags, number, act string, rest []string) (station.Suggestion, error) {
	plain := map[string]func(station.Who, ledger.ID, string) (station.Suggestion, error){
		"key": c.Desk.MarkSuggestion, "leader": c.Desk.LeadSuggestion, "agree": c.Desk.AgreeSuggestion, "meet": c.Desk.MeetSuggestion,
		"renumber": c.Desk.RenumberSuggestion, "withdraw": c.Desk.WithdrawSuggestion}
	do, ok := plain[act]
	if ok != (len(rest) == 1) {
		return station.Suggestion{}, c.misused()
	}
	s, err := c.Desk.SuggestionNumbered(c.Who, number)
	if err != nil {
		return s, err
	}
	id := s.ID()
	switch {
	case ok:
		return do(c.Who, id, rest[0])
	case act == "assign":
		return c.Desk.AssignSuggestion(c.Who, id, c.undertakers(f), f.hard)
	case act == "appraise":
		return c.Desk.AppraiseSuggestion(c.Who, id, f.appraisal)
	case act == "reply":
		r := f.reply
		if f.date != "" {
			day, err := c.day(f.date)
			if err != nil {
				return station.Suggestion{}, err
			}
			r.Promise = day
		}
		if r.Text == "-" {
			b, err := io.ReadAll(io.LimitReader(c.Stdin, 1<<20))
			if err != nil {
				return station.Suggestion{}, err
			}
			r.Text = string(b)
		}
		return c.Desk.ReplySuggestion(c.Who, id, r)
	}
	return station.Suggestion{}, c.misused()
}

// undertakers are the units that the flags name, the leading one first.
func (c Call) undertakers(f suggestFlags) []station.Undertaker {
	var out []station.Undertaker
	for _, x := range []struct {
		role  string
		units []string
	}{{"lead", []string{f.lead}}, {"co", f.co}, {"separate", f.apart}} {
		for _, u := range x.units {
			if u != "" {
				out = append(out, station.Undertaker{Unit: c.unit(u), Role: x.role})
			}
		}
	}
	return out
}

// A SuggestionLine is one suggestion of `--json`: what is recorded, and where
// that makes it stand today.
type SuggestionLine struct {
	ID    string                  `json:"id"` // 18-2-0001; where two have this number, as a command must be told it
	Twice bool                    `json:"number_twice,omitempty"`
	State station.SuggestionState `json:"state"`
	Due   typed.Date              `json:"due,omitzero"` // of the unit's answer
	Lamp  string                  `json:"lamp,omitempty"`
	Super string                  `json:"super_leader,omitempty"` // 领衔督办, code
	station.Suggestion
}

func (c Call) line(s station.Suggestion) SuggestionLine {
	clock := c.Desk.SuggestionClock(s)
	return SuggestionLine{ID: s.Called(), Twice: s.Shared(), State: s.State(), Due: clock.Due, Lamp: clock.Lamp(c.Desk.Today()).Text().ZH, Super: c.Desk.SuperLeader(s), Suggestion: s}
}

// dueOf is when a unit's answer is due; "" where none is awaited.
func dueOf(d *station.Desk, s station.Suggestion) string { return d.SuggestionClock(s).Due.String() }

// standing is a suggestion's state, and until when its unit has time.
func (c Call) standing(s station.Suggestion) string {
	state := s.State().Text().ZH
	if due := dueOf(c.Desk, s); due != "" {
		state += " 期限 " + due
	}
	return state
}

// object reads one JSON object from a file that the caller named.
func (c Call) object(name string, to any) error {
	f, err := c.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	d := json.NewDecoder(io.LimitReader(f, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return refuse("看不懂这份 JSON(第 %[1]d 个字节处),没有记录", "the JSON could not be read near byte %[1]d; nothing was recorded", d.InputOffset())
	}
	return nil
}

// Suggestions lists those that concern the caller, the newest meeting first.
func Suggestions(c Call, asJSON bool) error {
	all, err := c.Desk.Suggestions(c.Who)
	if err != nil {
		return err
	}
	if asJSON {
		out := report.NewLines(c.Stdout)
		for _, s := range all {
			if err := out.Put(c.line(s)); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	t := report.NewTable(report.Column{Head: "编号 Number"}, report.Column{Head: "状态 State"}, report.Column{Head: "期限 Due"}, report.Column{Head: "领衔 Lead"}, report.Column{Head: "督办 Leader"}, report.Column{Head: "案由 Title", Width: 44})
	for _, s := range all {
		title := s.Title
		if s.Shared() {
			title = "[重号] " + title
		}
		t.Row(s.Called(), s.State().Text().ZH, dueOf(c.Desk, s), c.Desk.DeputyName(s.Lead), c.Desk.LeaderName(c.Desk.SuperLeader(s)), title)
	}
	return t.Print(c.Stdout)
}

// suggestion prints one with its revisions.
func (c Call) suggestion(s station.Suggestion) error {
	fmt.Fprintf(c.Stdout, "%s  %s\n%s\n%s\n", s.Number().ZH, c.standing(s), s.Title, s.Body)
	if s.Shared() {
		fmt.Fprintf(c.Stdout, "  [重号] 市里恢复备份后,另一件建议也用了这个号;这一件写作 %s,可用 renumber 改号\n         [number given twice] another suggestion has it too, since the city was restored from a backup; call this one %[1]s, renumber gives it another\n", s.Called())
	}
	for _, u := range s.Units {
		fmt.Fprintf(c.Stdout, "  %s %s\n", station.UndertakerRoles.Label(u.Role).ZH, c.Desk.UnitName(u.Unit))
	}
	if s.Reply != nil {
		fmt.Fprintf(c.Stdout, "  答复 %s %s\n  %s\n", s.Reply.On, s.Reply.Doc, s.Reply.Text)
	}
	acts, err := c.Desk.SuggestionActs(c.Who, s.ID())
	if err != nil {
		return err
	}
	for _, a := range acts {
		if _, err := fmt.Fprintf(c.Stdout, "  %s  %s  %s  %s\n", a.At.In(station.Beijing).Format(report.Minute), a.Name, a.What.ZH, a.Said.ZH); err != nil {
			return err
		}
	}
	return nil
}

// A SupervisionLine is one act of `--json`.
type SupervisionLine struct {
	station.Supervision
	Number string `json:"number,omitempty"` // of the suggestion, as a command is told it
}

// numbered is the id of the suggestion that a number means; "" for none.
func (c Call) numbered(number string) (ledger.ID, error) {
	if number == "" {
		return "", nil
	}
	s, err := c.Desk.SuggestionNumbered(c.Who, number)
	return s.ID(), err
}

// Supervise says what the five supervisions still lack, lists a year's log, or
// records one act.
func Supervise(c Call, args []string) error {
	fs := Flags("supervise")
	year := fs.Int("year", c.Desk.Today().Year, "")
	asJSON := fs.Bool("json", false, "")
	args, err := c.Parse(fs, args, 0, 2)
	if err != nil {
		return err
	}
	word := "gaps"
	if len(args) > 0 {
		word = args[0]
	}
	out := report.NewLines(c.Stdout)
	switch {
	case word == "gaps" && len(args) < 2:
		gaps, err := c.Desk.SuperviseGaps(c.Who, c.Desk.Today())
		if err != nil {
			return err
		}
		for _, g := range gaps {
			name := station.SuperviseTypes.Label(g.Type).ZH
			if !*asJSON {
				if _, err := fmt.Fprintf(c.Stdout, "%s  %s / %s\n", name, g.What.ZH, g.What.EN); err != nil {
					return err
				}
			} else if err := out.Put(map[string]string{"type": g.Type, "name": name, "what": g.What.ZH}); err != nil {
				return err
			}
		}
		return out.Flush()
	case word == "log":
		of, err := c.numbered(strings.Join(args[1:], ""))
		if err != nil {
			return err
		}
		all, err := c.Desk.Supervisions(c.Who, *year, of)
		if err != nil {
			return err
		}
		if *asJSON {
			for _, s := range all {
				if err := out.Put(SupervisionLine{s, s.Number}); err != nil {
					return err
				}
			}
			return out.Flush()
		}
		t := report.NewTable(report.Column{Head: "日期 Date"}, report.Column{Head: "督办 Kind"}, report.Column{Head: "做了 Act"}, report.Column{Head: "建议 Suggestion"}, report.Column{Head: "情况 Finding", Width: 44})
		for _, s := range all {
			t.Row(s.On.String(), station.SuperviseTypes.Label(s.Type).ZH, station.SuperviseActs.Label(s.Act).ZH, s.Number, s.Finding)
		}
		return t.Print(c.Stdout)
	case word == "add" && len(args) == 2:
		var s station.Supervision
		if err := c.object(args[1], &s); err != nil {
			return err
		}
		if s.Suggestion, err = c.numbered(string(s.Suggestion)); err != nil {
			return err
		}
		if err := c.Desk.Supervise(c.Who, s); err != nil {
			return err
		}
		_, err := io.WriteString(c.Stdout, "已记录 / recorded\n")
		return err
	}
	return c.misused()
}
