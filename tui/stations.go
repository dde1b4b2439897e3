package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
)

// stationsPage is the stations as the city hears of them, silent ones first.
type stationsPage struct {
	all  []StationState
	list list
	read bool
	want string // code to be marked when the list is read
}

func newStations() *stationsPage                { return &stationsPage{} }
func newStationsAt(code string) *stationsPage   { return &stationsPage{want: code} }
func (p *stationsPage) title(e *env) string     { return e.word(wStations) }
func (p *stationsPage) scope() scope            { return inStations }
func (p *stationsPage) waiting(string) bool     { return !p.read }
func (p *stationsPage) wheel(_ *env, down bool) { p.list.wheel(down) }

// everyMinute has the page read again when the clock moves on.
func (p *stationsPage) everyMinute(e *env) tea.Cmd { return p.load(e) }

func (p *stationsPage) load(e *env) tea.Cmd {
	roll := e.roll
	if roll == nil {
		p.read = true
		return nil
	}
	return work(roll.Stations, func(all []StationState, err error) tea.Cmd {
		if s, ok := p.marked(); ok && p.want == "" {
			p.want = s.Code
		}
		p.all, p.read = byNeed(all), true
		p.list.size(len(p.all))
		for i, s := range p.all {
			if s.Code == p.want {
				p.list.mark(i)
			}
		}
		p.want = ""
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

func (p *stationsPage) marked() (StationState, bool) {
	if p.list.at >= len(p.all) {
		return StationState{}, false
	}
	return p.all[p.list.at], true
}

func (p *stationsPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.list.key(k.String()), nil
}

func (p *stationsPage) click(e *env, x, y int) tea.Cmd {
	if w, _ := split(e); x >= w {
		return nil
	}
	if _, again := p.list.click(y - 1); again {
		return p.act(e, actOpen)
	}
	return nil
}

func (p *stationsPage) act(e *env, id action) tea.Cmd {
	switch id {
	case actOpen:
		if s, ok := p.marked(); ok && e.who.May(station.RightSeeAll) {
			return e.atOnce(openMsg{newRegisterOf(s.Code)})
		}
	case actInvite:
		return p.invite(e)
	}
	return nil
}

// invite asks for a station's code and shows the one-time code it joins with.
func (p *stationsPage) invite(e *env) tea.Cmd {
	if e.roll == nil {
		return nil
	}
	roll, who := e.roll, e.who
	ask := newPrompt(e.word(wInviteWhich), e.word(wStationCode), false, func(code string) tea.Cmd {
		code = strings.ToUpper(cell.Fold(strings.TrimSpace(code)))
		return work(func() (string, error) { return roll.Invite(who, code) }, func(secret string, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			return tea.Batch(p.load(e), e.atOnce(dialogMsg{&confirm{text: e.word(wInvited, code, secret)}}))
		})
	})
	if s, ok := p.marked(); ok && s.Since.IsZero() {
		ask.f.Set("v", s.Code)
	}
	return e.atOnce(dialogMsg{ask})
}

func (p *stationsPage) view(e *env) ([]string, *tea.Cursor) {
	switch {
	case !p.read:
		return []string{"", "  " + e.label(wLoading)}, nil
	case len(p.all) == 0:
		return []string{"", "  " + e.th.Muted.Render(e.label(wNoStations))}, nil
	}
	w, side := split(e)
	names := max(10, w-9-13-9-24-3)
	rows := []string{"   " + e.th.Head.Render(e.col(e.label(wStationCode), 9)+e.col(e.label(wStationName), names)+e.col(e.label(wLastHeard), 13)+e.col(e.label(wEntries), 9)+e.label(wAttention))}
	from, to := p.list.window(e.h - 1 - stationFoot(side))
	for i := from; i < to; i++ {
		s := p.all[i]
		rows = append(rows, " "+e.marked(i == p.list.at, e.col(s.Code, 9)+e.col(e.show(s.Name), names)+e.col(e.lastSeen(s), 13)+
			e.col(itoa(s.Entries), 9)+cell.Pad(cell.Clip(e.attention(s, e.now), 23, e.th.Glyphs.More), 23)))
	}
	s, _ := p.marked()
	if side > 0 {
		return beside(e, rows, p.about(e, s, side), w), nil
	}
	return e.under(rows, p.about(e, s, e.w-2), stationFoot(side)), nil
}

// stationFoot is how many rows the marked station has under the list.
func stationFoot(side int) int {
	if side > 0 {
		return 0
	}
	return 8
}

// about is the marked station in full.
func (p *stationsPage) about(e *env, s StationState, w int) []string {
	t := &sheet{env: e, w: w}
	t.rows = append(t.rows, e.th.Number.Render(s.Code)+"   "+e.th.Text.Render(e.show(s.Name)))
	joined := e.label(wNotJoined)
	if !s.Since.IsZero() {
		joined = e.when(s.Since)
	}
	t.pairs(pair{e.label(wJoined), joined}, pair{e.label(wLastHeard), e.lastSeen(s)}, pair{e.label(wEntries), itoa(s.Entries)})
	if !s.Revoked.IsZero() {
		t.value(e.label(wKeyOf), e.label(wKeyRevoked)+" "+e.when(s.Revoked), e.th.Error)
	}
	for _, f := range s.Forks {
		t.value(e.label(wForked), f+"  "+e.label(wForkHint), e.th.Error)
	}
	if s.Skew.Abs() > 2*time.Minute {
		t.value(e.label(wClock), e.label(wClockBy, s.Skew.Round(time.Second).String()), e.th.Warn)
	}
	if version := s.Version; s.Other {
		if version == "" {
			version = e.word(wOlderVersion)
		}
		t.value(e.label(wVersionOf), e.show(version)+"  "+e.label(wOtherVersion), e.th.Warn)
	} else {
		t.value(e.label(wVersionOf), e.show(version), e.th.Text)
	}
	if s.Strange > 0 {
		t.value(e.label(wOthers), e.label(wStrange, s.Strange), e.th.Warn)
	}
	if s.Doubts > 0 {
		t.value(e.label(wAttention), e.label(wDoubtsOf, s.Doubts), e.th.Warn)
	}
	if !s.Invited.IsZero() {
		t.value(e.label(wEnrolCode), e.label(wUntil, e.when(s.Invited)), e.th.Text)
	}
	return t.rows
}
