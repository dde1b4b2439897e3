package station

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Kinds of what the city sends to stations and what comes back. The city owns
// its letters; that one was read, and what is answered, are records of the
// station's beside them.
const (
	KindNotice  ledger.Kind = "notice"     // 重大事项通报
	KindConsult ledger.Kind = "consult"    // 征询意见函
	KindRead    ledger.Kind = "noticeread" // 阅知
	KindAnswer  ledger.Kind = "answer"     // 回函
)

// A Letter is a notice or a request for opinions. One that goes to all
// stations is one entry of the stream for everyone; one for some is an entry
// of each one's own stream, so that no station learns who else was asked.
type Letter struct {
	Letter  ledger.ID  `json:"letter"`            // the same for every station's entry
	Station string     `json:"station,omitempty"` // "" for all
	Title   string     `json:"title"`
	Text    string     `json:"text"`          // what is told, or what is asked
	From    string     `json:"from"`          // who sends it, such as 市人大常委会办公室
	DocNo   string     `json:"doc,omitempty"` // 文号
	Read    bool       `json:"read,omitempty"`
	Due     typed.Date `json:"due,omitzero"` // an answer, or the reading, is wanted by then

	Kind ledger.Kind `json:"-"`
	At   time.Time   `json:"-"` // the city's clock
	By   string      `json:"-"` // account
}

// A Read says that somebody has read a letter (阅知).
type Read struct {
	Letter ledger.ID `json:"letter"`
	Name   string    `json:"name"` // who, as shown
	Role   Role      `json:"role"`

	Station string    `json:"-"` // whose record it is
	By      string    `json:"-"` // account
	At      time.Time `json:"-"` // the station's clock
}

// An Answer to a letter; the station may correct it.
type Answer struct {
	Letter ledger.ID `json:"letter"`
	Text   string    `json:"text"`
	Name   string    `json:"name"`
	Role   Role      `json:"role"`

	Station string     `json:"-"`
	By      string     `json:"-"`
	At      time.Time  `json:"-"`
	id      ledger.ID  // of the record
	ref     ledger.Ref // its newest revision
}

// A Posted is a letter with what has come back of it.
type Posted struct {
	Letter
	To      []string // stations; nil for all
	Reads   []Read   // in the order of their clocks
	Answers []Answer // by station
	Mine    bool     // whoever asks has read it, or the station has answered
}

// Silent are those of the stations addressed that have neither read nor
// answered.
func (p Posted) Silent(all []Info) []string {
	to := p.To
	if to == nil {
		for _, s := range all {
			to = append(to, s.Code)
		}
	}
	var out []string
	for _, code := range to {
		heard := slices.ContainsFunc(p.Answers, func(a Answer) bool { return a.Station == code }) ||
			p.Kind == KindNotice && slices.ContainsFunc(p.Reads, func(r Read) bool { return r.Station == code })
		if !heard {
			out = append(out, code)
		}
	}
	return out
}

// post is every letter, reading and answer in memory; it is filled when it is
// first asked for and follows every commit.
type post struct {
	mu      sync.Mutex
	filled  bool
	letters map[ledger.ID]*letterEntries
	reads   map[ledger.ID]map[ledger.ID]Read // by letter, then record
	answers map[ledger.ID]map[ledger.ID]Answer
}

// letterEntries are the entries of one letter, by station.
type letterEntries struct {
	Letter
	to []string
}

// fill reads what there is. The post is locked; what is committed meanwhile
// waits for it and is put in after.
func (p *post) fill(l ledger.Ledger) error {
	if p.filled {
		return nil
	}
	p.letters, p.reads, p.answers = map[ledger.ID]*letterEntries{}, map[ledger.ID]map[ledger.ID]Read{}, map[ledger.ID]map[ledger.ID]Answer{}
	for _, k := range [...]ledger.Kind{KindNotice, KindConsult, KindRead, KindAnswer} {
		if err := l.Each(k, func(e ledger.Entry) error { p.put(e); return nil }); err != nil {
			return err
		}
	}
	p.filled = true
	return nil
}

// take brings the post up to date with an entry that was committed.
func (p *post) take(l ledger.Ledger, e ledger.Entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.filled {
		return
	}
	if rec, err := l.Record(e.Kind, e.ID); err == nil { // the revision that counts, whatever came last
		p.put(rec.Entry)
	}
}

// put places one record. What does not decode is left to the check. A letter
// is the city's to write, a reading or an answer a station's.
func (p *post) put(e ledger.Entry) {
	writer := e.Stream.Writer()
	switch e.Kind {
	case KindNotice, KindConsult:
		v, err := decode[Letter](e)
		if err != nil || writer != CityCode {
			return
		}
		v.Kind, v.At, v.By = e.Kind, e.At, e.By
		at := p.letters[v.Letter]
		if at == nil {
			at = &letterEntries{Letter: v}
			p.letters[v.Letter] = at
		}
		if v.Station != "" && !slices.Contains(at.to, v.Station) {
			at.to = append(at.to, v.Station)
			slices.Sort(at.to)
		}
	case KindRead:
		if v, err := decode[Read](e); err == nil {
			v.Station, v.By, v.At = writer, e.By, e.At
			into(p.reads, v.Letter)[e.ID] = v
		}
	case KindAnswer:
		if v, err := decode[Answer](e); err == nil {
			v.Station, v.By, v.At, v.id, v.ref = writer, e.By, e.At, e.ID, e.Ref
			into(p.answers, v.Letter)[e.ID] = v
		}
	}
}

func into[T any](m map[ledger.ID]map[ledger.ID]T, id ledger.ID) map[ledger.ID]T {
	if m[id] == nil {
		m[id] = map[ledger.ID]T{}
	}
	return m[id]
}

// posted makes one letter as it stands, for who asks.
func (p *post) posted(at *letterEntries, who Who) Posted {
	out := Posted{Letter: at.Letter, To: slices.Clone(at.to)}
	addressed := func(station string) bool { return at.to == nil || slices.Contains(at.to, station) }
	for _, r := range p.reads[at.Letter.Letter] {
		if addressed(r.Station) {
			out.Reads = append(out.Reads, r)
			out.Mine = out.Mine || r.By == who.Account
		}
	}
	for _, a := range p.answers[at.Letter.Letter] {
		if addressed(a.Station) {
			out.Answers = append(out.Answers, a)
			out.Mine = true
		}
	}
	slices.SortFunc(out.Reads, func(a, b Read) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Station, b.Station), strings.Compare(a.By, b.By)) // a map gave them: every pair needs an order
	})
	slices.SortFunc(out.Answers, func(a, b Answer) int { return cmp.Or(strings.Compare(a.Station, b.Station), a.At.Compare(b.At)) })
	return out
}

// Letters returns the letters of a kind, newest first, as far as they are
// addressed here.
func (d *Desk) Letters(who Who, k ledger.Kind) ([]Posted, error) {
	if err := who.need(RightLetters); err != nil {
		return nil, err
	}
	p := &d.post
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.fill(d.led); err != nil {
		return nil, err
	}
	var out []Posted
	for _, at := range p.letters {
		if at.Kind == k {
			out = append(out, p.posted(at, who))
		}
	}
	slices.SortFunc(out, func(a, b Posted) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(string(b.Letter.Letter), string(a.Letter.Letter)))
	})
	return out, nil
}

// letter finds one letter.
func (d *Desk) letter(who Who, id ledger.ID) (Posted, error) {
	if err := who.need(RightLetters); err != nil {
		return Posted{}, err
	}
	p := &d.post
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.fill(d.led); err != nil {
		return Posted{}, err
	}
	if at := p.letters[id]; at != nil {
		return p.posted(at, who), nil
	}
	return Posted{}, fmt.Errorf("letter %s: %w", id, ledger.ErrNotFound)
}

// SendLetter sends a notice or a request for opinions to all stations (to
// empty) or to some, in one commit.
func (d *Desk) SendLetter(who Who, k ledger.Kind, v Letter, to []string) (Posted, error) {
	if err := d.needCity(who); err != nil {
		return Posted{}, err
	}
	v, to, ps := d.checkLetter(k, v, to)
	if err := ps.err(); err != nil {
		return Posted{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	v.Letter = newID()
	now := d.now()
	var news []ledger.New
	add := func(id ledger.ID, station string, s ledger.Stream, seen []ledger.Ref) error {
		v.Station = station
		body, err := json.Marshal(v)
		news = append(news, ledger.New{Stream: s, Kind: k, ID: id, At: now, By: who.Account, Seen: seen, Body: body})
		return err
	}
	if len(to) == 0 {
		if err := add(v.Letter, "", "", nil); err != nil {
			return Posted{}, err
		}
	}
	for _, code := range to {
		s, seen := d.outTo(code)
		if err := add(v.Letter+"."+ledger.ID(code), code, s, seen); err != nil {
			return Posted{}, err
		}
	}
	if err := d.save(ledger.Change{New: news}); err != nil {
		return Posted{}, err
	}
	return d.letter(who, v.Letter)
}

// checkLetter cleans what was typed.
func (d *Desk) checkLetter(k ledger.Kind, v Letter, to []string) (Letter, []string, Problems) {
	var ps Problems
	v.Title = ps.name("title", v.Title, maxLine)
	v.Text = strings.TrimSpace(typed.Clean(v.Text, true))
	switch n := len([]rune(v.Text)); {
	case n == 0:
		ps.add("text", &typed.Problem{Code: "text-missing", ZH: "请写正文。", EN: "Write what the letter says."})
	case n > maxLetter:
		ps.add("text", tooLong(n, maxLetter))
	}
	v.From = ps.text("from", cmpOr(strings.TrimSpace(v.From), d.Info().Name), maxLine)
	v.DocNo = ps.text("doc", v.DocNo, maxLine)
	checkDay := v.Due.IsZero() || v.Due.Valid()
	if !checkDay || k == KindConsult && !v.Due.IsZero() && v.Due.Before(d.Today()) {
		ps.add("due", &typed.Problem{Code: "due-past", ZH: "期限应是今天或以后的日子。", EN: "It must be due today or later."})
	}
	if k == KindConsult && v.Due.IsZero() {
		ps.add("due", &typed.Problem{Code: "due-missing", ZH: "请写回函期限。", EN: "Say by when an answer is wanted."})
	}
	var codes []string
	for _, c := range to {
		if c = strings.ToUpper(strings.TrimSpace(typed.Fold(c))); c == "" || slices.Contains(codes, c) {
			continue
		}
		if !ValidCode(c) {
			ps.add("to", badStation(c))
		} else if !slices.ContainsFunc(d.Stations(), func(s Info) bool { return s.Code == c }) {
			ps.add("to", &typed.Problem{Code: "station-unknown",
				ZH: "没有站点 " + c + ",或它还没有同步过。", EN: "There is no station " + c + ", or it has not synced yet."})
		}
		codes = append(codes, c)
	}
	return v, codes, ps
}

// maxLetter is how many characters a letter may have.
const maxLetter = 20_000

// MarkRead records that who has read a letter. A second time it records
// nothing.
func (d *Desk) MarkRead(who Who, letter ledger.ID) error {
	if d.AtCity() {
		return typed.Problem{Code: "station-only", ZH: "阅知由各站登记。", EN: "That a letter was read is recorded at the stations."}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p, err := d.letter(who, letter)
	if err != nil || slices.ContainsFunc(p.Reads, func(r Read) bool { return r.By == who.Account }) {
		return err
	}
	w := writer{who: who, at: d.now(), seen: d.seen()}
	w.put(KindRead, newID(), ledger.Ref{}, Read{Letter: letter, Name: who.Name, Role: who.Role})
	return errors.Join(w.err, d.save(ledger.Change{New: w.news}))
}

// AnswerLetter records the station's answer to a letter, or corrects it.
func (d *Desk) AnswerLetter(who Who, letter ledger.ID, text string) error {
	if err := who.need(RightAnswer); err != nil {
		return err
	}
	var ps Problems
	text = strings.TrimSpace(typed.Clean(text, true))
	switch n := len([]rune(text)); {
	case n == 0:
		ps.add("text", &typed.Problem{Code: "text-missing", ZH: "请写回函内容。", EN: "Write the answer."})
	case n > maxLetter:
		ps.add("text", tooLong(n, maxLetter))
	}
	if err := ps.err(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p, err := d.letter(who, letter)
	if err != nil {
		return err
	}
	id, old := newID(), ledger.Ref{}
	for _, a := range p.Answers {
		if a.Station == d.code() {
			id, old = a.id, a.ref
		}
	}
	w := writer{who: who, at: d.now(), seen: d.seen()}
	w.put(KindAnswer, id, old, Answer{Letter: letter, Text: text, Name: who.Name, Role: who.Role})
	return errors.Join(w.err, d.save(ledger.Change{New: w.news}))
}

// LettersWaiting counts what who has still to do at a station: notices unread,
// letters unanswered. At the city: letters from which an answer is overdue.
func (d *Desk) LettersWaiting(who Who) (unread, unanswered int, err error) {
	ns, err := d.Letters(who, KindNotice)
	if err != nil {
		return 0, 0, err
	}
	cs, err := d.Letters(who, KindConsult)
	for _, n := range ns {
		if !n.Mine {
			unread++
		}
	}
	for _, c := range cs {
		if len(c.Answers) == 0 {
			unanswered++
		}
	}
	return unread, unanswered, err
}
