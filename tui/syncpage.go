package tui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// syncPage says what the city has confirmed and what waits, runs a sync, and
// joins the station to a city where it is not yet.
type syncPage struct {
	formPart // address and code, while there is no city
	start    bool
	read     bool
	others   []station.KindCount // records of kinds that this program does not know
	run      *syncRun
}

// syncRun is one run begun here. It goes on when the page is left.
type syncRun struct {
	done, total uint64
	over        bool
}

// newSync makes the page; start also runs a sync at once.
func newSync(start bool) *syncPage { return &syncPage{start: start} }

func (p *syncPage) title(e *env) string { return e.word(wSync) }

func (p *syncPage) scope() scope {
	if p.f != nil {
		return inEnrol
	}
	return inSync
}

func (p *syncPage) load(e *env) tea.Cmd {
	line := e.line
	if line == nil {
		p.read = true
		return nil
	}
	type reading struct {
		state  LineState
		others []station.KindCount
	}
	desk := e.desk
	return work(func() (r reading, err error) {
		r.state = line.State()
		r.others, err = desk.OtherKinds()
		return r, err
	}, func(r reading, err error) tea.Cmd {
		s := r.state
		e.state, p.read, p.others = s, true, r.others
		if err != nil {
			return e.fail(err)
		}
		switch {
		case s.City != "":
			p.f = nil
		case p.f == nil && e.who.May(station.RightSync):
			p.build(e)
		}
		if p.start && s.City != "" {
			p.start = false
			return p.begin(e)
		}
		return nil
	})
}

// build makes the form that joins a city.
func (p *syncPage) build(e *env) {
	p.f = form.New("enrol",
		form.Row{form.In(form.NewText(form.TextConfig{ID: "city", Label: e.word(wCityAddress), Placeholder: "https://city.example", Fold: cell.Fold, Rule: required(e)}), 0)},
		form.Row{form.In(form.NewText(form.TextConfig{ID: "code", Label: e.word(wEnrolCode), Placeholder: e.word(wEnrolCodeHint), Fold: cell.Fold, Rule: required(e)}), 0)})
	p.f.SetWords(formWords(e))
}

// begin runs a sync and follows it. Progress comes from another goroutine;
// only the newest word of it waits to be shown.
func (p *syncPage) begin(e *env) tea.Cmd {
	if e.line == nil || p.run != nil && !p.run.over || e.state.Running {
		return nil
	}
	line, run, news := e.line, &syncRun{}, make(chan [2]uint64, 1)
	p.run = run
	e.state.Running = true
	var follow tea.Cmd
	follow = work(func() (*[2]uint64, error) {
		if n, ok := <-news; ok {
			return &n, nil
		}
		return nil, nil
	}, func(n *[2]uint64, _ error) tea.Cmd {
		if n == nil {
			return nil
		}
		run.done, run.total = n[0], n[1]
		return follow
	})
	return tea.Batch(follow, work(func() (LineState, error) {
		err := line.Run(context.Background(), func(done, total uint64) {
			select { // drop what nobody has looked at yet
			case <-news:
			default:
			}
			select {
			case news <- [2]uint64{done, total}:
			default:
			}
		})
		close(news)
		return line.State(), err
	}, func(s LineState, err error) tea.Cmd {
		run.over, e.state = true, s
		if err != nil {
			return e.fail(err)
		}
		return say(e.word(wSyncDone, s.Confirmed))
	}))
}

func (p *syncPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !p.ready() {
		return false, nil
	}
	if p.f.Key(k) {
		return true, nil
	}
	if k.String() == "enter" {
		return true, p.act(e, actEnrol)
	}
	return false, nil
}

func (p *syncPage) act(e *env, id action) tea.Cmd {
	switch id {
	case actSync:
		return p.begin(e)
	case actEnrol:
		return p.enrol(e)
	}
	return nil
}

func (p *syncPage) enrol(e *env) tea.Cmd {
	if !p.ready() || e.line == nil {
		return nil
	}
	if ok, cmd := p.check(e); !ok {
		return cmd
	}
	p.busy = true
	line, city, code := e.line, strings.TrimSpace(p.f.Value("city")), strings.TrimSpace(p.f.Value("code"))
	return work(func() (LineState, error) {
		err := line.Enrol(context.Background(), city, code)
		return line.State(), err
	}, func(s LineState, err error) tea.Cmd {
		p.busy, e.state = false, s
		if err != nil {
			return e.fail(err)
		}
		p.f = nil
		return tea.Batch(say(e.word(wEnrolled)), p.begin(e))
	})
}

func (p *syncPage) view(e *env) ([]string, *tea.Cursor) {
	s := e.state
	switch {
	case e.line == nil:
		return []string{"", "  " + e.label(wNoLine)}, nil
	case !p.read:
		return []string{"", "  " + e.label(wLoading)}, nil
	case p.f != nil:
		heading := []string{"", "  " + e.th.Head.Render(e.label(wEnrolHead)), ""}
		for _, l := range cell.Wrap(e.label(wEnrolHint), min(e.w-4, 90)) {
			heading = append(heading, "  "+l)
		}
		if p.busy {
			heading = append(heading, "", "  "+e.th.Accent.Render(e.label(wEnrolling)))
		}
		return p.draw(e, append(heading, ""), 0)
	case s.City == "":
		return []string{"", "  " + e.label(wNotEnrolled)}, nil
	}
	t := &sheet{env: e, w: min(e.w-4, 90)}
	t.blank()
	t.value(e.label(wCity), e.show(s.City), e.th.Text)
	style, confirmed := e.th.Ok, e.label(wConfirmedOf, s.Confirmed, s.Entries)
	if s.Waiting > 0 {
		style = e.th.Warn
		confirmed += "   " + e.label(wWaiting, s.Waiting)
	}
	t.value(e.label(wConfirmedLabel), confirmed, style)
	t.rows = append(t.rows, cell.Blank(t.labelWidth())+p.bar(e, min(60, t.w-t.labelWidth()-22)))
	t.blank()
	t.value(e.label(wLastSync), e.ago(s.LastSync), e.th.Text)
	t.value(e.label(wLastTry), e.ago(s.LastTry), e.th.Text)
	if !s.Next.IsZero() {
		t.value(e.label(wNextSync), e.stamp(s.Next), e.th.Text)
	}
	if s.Err != nil {
		t.blank()
		t.value(e.label(wLastError), e.show(e.problem(*s.Err))+codeOf(*s.Err), e.th.Error)
	}
	if s.Skew != 0 {
		t.blank()
		t.value(e.label(wClock), e.label(wSkew, skew(s.Skew)), e.th.Warn)
	}
	if n := len(p.others); n > 0 {
		total, names := 0, make([]string, n)
		for i, k := range p.others {
			total += k.Count
			names[i] = string(k.Kind)
		}
		t.blank()
		t.value(e.label(wOthers), e.label(wOtherRecords, total, strings.Join(names, " ")), e.th.Text)
	}
	t.blank()
	for _, l := range cell.Wrap(e.label(wSyncHint), t.w) {
		t.rows = append(t.rows, e.th.Muted.Render(l))
	}
	for i, r := range t.rows {
		t.rows[i] = "  " + r
	}
	return t.rows, nil
}

// bar shows the run that is under way, or else how much is confirmed.
func (p *syncPage) bar(e *env, w int) string {
	done, total, word := e.state.Confirmed, e.state.Entries, ""
	if e.state.Running {
		word = "  " + e.label(wSyncing)
		if p.run != nil && !p.run.over && p.run.total > 0 {
			done, total = p.run.done, p.run.total
			word += " " + itoa(done) + "/" + itoa(total)
		}
	}
	return e.bar(done, total, w) + e.th.Accent.Render(word)
}

// bar draws a share of a whole on w cells.
func (e *env) bar(part, whole uint64, w int) string {
	full := w
	if whole > 0 {
		full = int(min(part, whole) * uint64(max(w, 0)) / whole)
	}
	return e.th.Accent.Render(strings.Repeat(e.th.Glyphs.Full, max(0, full))) + e.th.Rule.Render(strings.Repeat(e.th.Glyphs.Empty, max(0, w-full)))
}

// ago is a time in full, or that there was none.
func (e *env) ago(t time.Time) string {
	if t.IsZero() {
		return e.label(wNever)
	}
	return e.stamp(t)
}

// skew is a difference of clocks without fractions of a second.
func skew(d time.Duration) string { return d.Round(time.Second).String() }
