package station

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Options of a desk; nil fields have defaults.
type Options struct {
	Now func() time.Time // time.Now
	Log *slog.Logger     // discards
	// Erase drops the bodies of entries for good; nil: not from here.
	Erase func(ctx context.Context, refs ...ledger.Ref) error
}

// A Desk applies the station's rules to what people type and commits it. One
// desk serves a whole process: every screen, every SSH session, every command.
type Desk struct {
	led   ledger.Ledger
	clock func() time.Time
	log   *slog.Logger
	erase func(ctx context.Context, refs ...ledger.Ref) error

	mu       sync.Mutex // one writer at a time: numbers and shared sessions
	unsure   map[string]unsureSave
	accounts sync.Mutex // one change of an account, or try of a PIN, at a time
	reload   sync.Mutex // held from reading the reference lists until they are in place
	ref      atomic.Pointer[reference]
	table    *table
	echoes   echoes
	post     post
	watch    watchers
}

// Open makes a desk on a ledger.
func Open(l ledger.Ledger, o Options) (*Desk, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Desk{clock: o.Now, log: o.Log, erase: o.Erase, table: newTable()}
	d.led = &heard{l, d}
	if err := d.loadReference(); err != nil {
		return nil, err
	}
	return d, nil
}

// loadReference reads the lists that forms pick from. Of two who do, the one
// who reads later is the one whose lists stay.
func (d *Desk) loadReference() error {
	d.reload.Lock()
	defer d.reload.Unlock()
	ref, err := loadReference(d.led)
	if err != nil {
		return fmt.Errorf("read reference lists: %w", err)
	}
	d.ref.Store(ref)
	return nil
}

// Ledger is the desk's ledger for those who move entries, such as the sync:
// whatever is committed through it is heard by every open screen.
func (d *Desk) Ledger() ledger.Ledger { return d.led }

func (d *Desk) now() time.Time { return d.clock().UTC().Truncate(time.Millisecond) }

// Now is the desk's clock, in Beijing time.
func (d *Desk) Now() time.Time { return d.clock().In(Beijing) }

// Today is the day it is in Beijing.
func (d *Desk) Today() typed.Date { return typed.DateOf(d.Now()) }

func (d *Desk) code() string { return d.led.Own().Writer() }

// number gives the next running number. The desk is locked.
func (d *Desk) number(index, mark string, now time.Time) (Number, error) {
	year, letter := now.In(Beijing).Year(), d.led.Own().Letter()
	n, err := nextRun(d.led, index, d.code(), fmt.Sprintf("%02d%s", year%100, letter), cmpOr(mark, "R"))
	if err != nil {
		return "", err
	}
	return makeNumber(d.code(), year, letter, mark, n), nil
}

func cmpOr(s, or string) string {
	if s == "" {
		return or
	}
	return s
}

func newID() ledger.ID { return ledger.ID(uuid.Must(uuid.NewV7()).String()) }

// seen returns the heads of the city's streams, which go into every header:
// of many, those of its latest epochs.
func (d *Desk) seen() []ledger.Ref {
	if d.AtCity() {
		return nil // what is for everyone answers nobody in particular; see outTo
	}
	return d.seenOf(CityCode)
}

// commit is the one way by which the desk writes. Of a commit of which it is
// not certain whether it is durable the log says which records to look for
// after the file has been opened again; the person is told the same (Say).
func (d *Desk) commit(c ledger.Change) ([]ledger.Entry, error) {
	es, err := d.led.Commit(context.Background(), c)
	if errors.Is(err, ledger.ErrUnsure) {
		for _, n := range c.New {
			d.log.Error("commit unsure", "code", "E-UNSURE", "kind", n.Kind, "id", n.ID, "err", err)
		}
	}
	return es, err
}

// save is commit for who needs no entries back.
func (d *Desk) save(c ledger.Change) error {
	_, err := d.commit(c)
	return err
}

// heard is the ledger with an ear: after a commit the desk brings its lists
// up to date and tells those who watch.
type heard struct {
	ledger.Ledger
	d *Desk
}

func (h *heard) Commit(ctx context.Context, c ledger.Change) ([]ledger.Entry, error) {
	es, err := h.Ledger.Commit(ctx, c)
	if err == nil {
		h.d.after(es, c)
	}
	return es, err
}

func (d *Desk) after(own []ledger.Entry, c ledger.Change) {
	touched := newChanged()
	reload, rules := false, false
	for _, list := range [...][]ledger.Entry{own, c.Foreign} {
		for _, e := range list {
			switch e.Kind {
			case KindStation, KindDeputy, KindVillage, KindCategory, KindUnit, KindLeader, KindCommittee, KindGroup:
				reload = true
			case KindNotice, KindConsult, KindRead, KindAnswer:
				d.post.take(d.led, e)
			case KindContact:
				if c, err := decode[Contact](e); err == nil && d.AtCity() {
					touched.visits[c.Visit] = true
				}
			case KindLimit, KindCalendar, KindResultClass:
				reload, rules = true, rules || !d.onlyAhead(e)
			case KindSuggestion:
				reload = true
				d.touchProposed(touched, e)
			case KindStep:
				d.touch(touched, e)
			case KindVisit:
				touched.visits[e.ID] = true
				d.touchFreed(touched, e)
			case KindVoter:
				touched.visits[e.ID] = true
			case KindSession:
				touched.sessions[e.ID] = true
			case KindMatter:
				if m, err := decode[Matter](e); err == nil {
					touched.visits[m.Visit] = true
				}
				d.echoes.put(e, true)
			}
		}
	}
	if reload {
		if err := d.loadReference(); err != nil {
			d.log.Error("reload reference lists", "code", "E-REF", "err", err)
		}
	}
	d.table.refresh(d, touched)
	if rules {
		d.table.stale.Store(true)
		if len(own) == 0 { // else whoever wrote the rules has the desk locked; see unlockRules
			d.reckon()
		}
	}
	if shown(own) || len(c.Foreign)+len(c.Receipts)+len(c.Local) > 0 { // a draft is its writer's own affair
		d.watch.tell()
	}
}

// unlockRules unlocks a desk at which rules may have been written.
func (d *Desk) unlockRules() {
	d.mu.Unlock()
	if d.reckon() {
		d.watch.tell()
	}
}

// reckon makes the table anew, if the rules by which it was made have changed.
func (d *Desk) reckon() bool {
	if !d.table.stale.Swap(false) {
		return false
	}
	if err := d.table.rerule(d); err != nil {
		d.log.Error("reckon deadlines anew", "code", "E-RULES", "err", err)
	}
	return true
}

// touch names the visit whose matter a step is about; of a join those of the
// other matters too whose joins it may cross.
func (d *Desk) touch(c *changed, e ledger.Entry) {
	s, err := decode[Step](e)
	if err != nil {
		return
	}
	about := []ledger.ID{s.Matter}
	if s.Action == DoJoin {
		others, _ := d.joined(s.Matter)
		about = append(append(about, s.Lead), others...)
	}
	for _, id := range about {
		d.touchMatter(c, id)
	}
}

// touchMatter names the visit of a matter.
func (d *Desk) touchMatter(c *changed, id ledger.ID) {
	rec, err := d.led.Record(KindMatter, id)
	if err != nil {
		return // ahead of its matter, which will bring it
	}
	if m, err := decode[Matter](rec.Entry); err == nil {
		c.visits[m.Visit] = true
	}
}

// touchFreed names the visits whose matters follow one that was voided.
func (d *Desk) touchFreed(c *changed, e ledger.Entry) {
	v, err := decode[Visit](e)
	if err != nil || v.Void == "" {
		return
	}
	ms, _, _ := matters(d.led, e.ID, e.Stream.Writer())
	for _, m := range ms {
		others, _ := d.joined(m.ID)
		for _, other := range others {
			d.touchMatter(c, other)
		}
	}
}

// touchProposed names the visits whose matters a suggestion came from.
func (d *Desk) touchProposed(c *changed, e ledger.Entry) {
	s, err := decode[Suggestion](e)
	if err != nil {
		return
	}
	for _, n := range s.Matters {
		if f, _, err := d.Lookup(d.Owner(), n); err == nil {
			c.visits[f.ID] = true
		}
	}
}

// shown reports whether any of the entries is one that screens show: that
// somebody signed in is none, or two hundred people who come in the morning
// would have every screen read everything two hundred times.
func shown(own []ledger.Entry) bool {
	return slices.ContainsFunc(own, func(e ledger.Entry) bool { return e.Kind != KindAudit })
}

// watchers are the open screens.
type watchers struct {
	mu   sync.Mutex
	subs map[chan struct{}]struct{}
}

// Watch returns a channel that receives after something changed, here or by a
// sync; several changes may arrive as one. Drafts are not told. stop ends it
// and closes the channel.
func (d *Desk) Watch() (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w := &d.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.subs == nil {
		w.subs = map[chan struct{}]struct{}{}
	}
	w.subs[c] = struct{}{}
	return c, sync.OnceFunc(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.subs, c)
		close(c)
	})
}

func (w *watchers) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.subs {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
