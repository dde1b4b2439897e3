package station

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Options of a desk; nil fields have defaults.
type Options struct {
	Now      func() time.Time // time.Now
	Log      *slog.Logger     // discards
	Limits   []Limit          // DefaultLimits
	Calendar Calendar         // weekdays
}

// A Desk applies the station's rules to what people type and commits it. One
// desk serves a whole process: every screen, every SSH session, every command.
type Desk struct {
	led      ledger.Ledger
	clock    func() time.Time
	log      *slog.Logger
	limits   []Limit
	calendar Calendar

	mu    sync.Mutex // one writer at a time: numbers and shared sessions
	ref   atomic.Pointer[reference]
	table *table
	watch watchers
}

// Open makes a desk on a ledger.
func Open(l ledger.Ledger, o Options) (*Desk, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Limits == nil {
		o.Limits = DefaultLimits()
	}
	d := &Desk{clock: o.Now, log: o.Log, limits: o.Limits, calendar: o.Calendar, table: newTable()}
	d.led = &heard{l, d}
	ref, err := loadReference(l)
	if err != nil {
		return nil, fmt.Errorf("read reference lists: %w", err)
	}
	d.ref.Store(ref)
	return d, nil
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

// seen returns the heads of the city's streams, which go into every header.
func (d *Desk) seen() []ledger.Ref {
	heads, err := d.led.Heads()
	if err != nil {
		return nil // the header may say less; it must not stop a reception
	}
	var out []ledger.Ref
	for _, h := range heads {
		if h.Stream.Writer() == "city" && h.Seq > 0 && len(out) < ledger.MaxSeen {
			out = append(out, ledger.Ref{Stream: h.Stream, Seq: h.Seq})
		}
	}
	return out
}

func (d *Desk) commit(c ledger.Change) error {
	_, err := d.led.Commit(context.Background(), c)
	return err
}

// commitSure commits and, where the answer leaves open whether it took
// effect, looks the record up before it says no: an error is not proof that
// nothing was written.
func (d *Desk) commitSure(c ledger.Change, k ledger.Kind, id ledger.ID) error {
	err := d.commit(c)
	if errors.Is(err, ledger.ErrUnsure) {
		_, lookup := d.led.Record(k, id)
		d.log.Error("commit unsure", "code", "E-UNSURE", "kind", k, "id", id, "found", lookup == nil, "err", err)
	}
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
	visits := map[ledger.ID]bool{}
	reload := false
	for _, list := range [...][]ledger.Entry{own, c.Foreign} {
		for _, e := range list {
			switch e.Kind {
			case KindStation, KindDeputy, KindVillage, KindCategory:
				reload = true
			case KindVisit, KindVoter:
				visits[e.ID] = true
			case KindMatter:
				if m, err := decode[Matter](e); err == nil {
					visits[m.Visit] = true
				}
			}
		}
	}
	if reload {
		if ref, err := loadReference(d.led); err != nil {
			d.log.Error("reload reference lists", "code", "E-REF", "err", err)
		} else {
			d.ref.Store(ref)
		}
	}
	d.table.refresh(d.led, visits)
	d.watch.tell()
}

// watchers are the open screens.
type watchers struct {
	mu   sync.Mutex
	subs map[chan struct{}]struct{}
}

// Watch returns a channel that receives after something changed; several
// changes may arrive as one. stop ends it.
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
