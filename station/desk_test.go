package station_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/typed"
)

// Monday, 23 November 2026, 09:12 in Beijing.
var monday = time.Date(2026, 11, 23, 9, 12, 0, 0, station.Beijing)

var (
	attendant = station.Who{Account: "u-attend", Name: "张敏", Role: station.RoleAttendant}
	other     = station.Who{Account: "u-other", Name: "赵强", Role: station.RoleAttendant}
	head      = station.Who{Account: "u-head", Name: "周立", Role: station.RoleHead}
	town      = station.Who{Account: "u-town", Name: "吴平", Role: station.RoleTown}
	admin     = station.Who{Account: "u-admin", Name: "郑工", Role: station.RoleAdmin}
	deputy1   = station.Who{Account: "u-dep1", Name: "李建国", Role: station.RoleDeputy, Deputy: "D001"}
	deputy2   = station.Who{Account: "u-dep2", Name: "王秀英", Role: station.RoleDeputy, Deputy: "D002"}
	nobody    = station.Who{}
)

// A bench is one station with its clock, its file and its log.
type bench struct {
	testing.TB
	*station.Desk
	path string
	led  *bolt.Ledger
	wrap func(ledger.Ledger) ledger.Ledger // stands between desk and file
	log  *syncWriter

	mu  sync.Mutex
	now time.Time
}

// newDesk opens a station QA01 in a new file, at a fixed time. When the test
// ends the file is checked and must be without fault.
func newDesk(t testing.TB) *bench {
	t.Helper()
	b := &bench{TB: t, path: filepath.Join(t.TempDir(), "ledger.db"), now: monday, log: &syncWriter{}}
	b.open()
	t.Cleanup(func() {
		b.check()
		if err := b.led.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b
}

func (b *bench) open() {
	b.Helper()
	led, err := bolt.Open(b.path, bolt.Options{Writer: "QA01", Indexes: station.Indexes(), Now: b.clock})
	if err != nil {
		b.Fatal(err)
	}
	b.led = led
	var l ledger.Ledger = led
	if b.wrap != nil {
		l = b.wrap(l)
	}
	b.Desk, err = station.Open(l, station.Options{Now: b.clock, Log: slog.New(slog.NewTextHandler(b.log, nil))})
	if err != nil {
		b.Fatal(err)
	}
}

// restart closes the file and opens it again, as after a power cut.
func (b *bench) restart() {
	b.Helper()
	if err := b.led.Close(); err != nil {
		b.Fatal(err)
	}
	b.open()
}

func (b *bench) check() {
	b.Helper()
	tally, err := b.led.Check(context.Background(), func(f ledger.Fault) { b.Errorf("fault: %s", f) })
	if err != nil {
		b.Errorf("check: %v", err)
	}
	if tally.Streams > 0 && tally.Entries == 0 {
		b.Errorf("check walked over nothing: %s", tally)
	}
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) set(t time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = t
}

func (b *bench) pass(d time.Duration) { b.set(b.clock().Add(d)) }

// receive records r as who and fails the test where that does not succeed.
func (b *bench) receive(who station.Who, r station.Reception) station.Saved {
	b.Helper()
	s, err := b.Receive(who, r, false, "")
	if err != nil {
		b.Fatalf("receive: %v", err)
	}
	return s
}

// state is where a matter stands.
func (b *bench) state(id ledger.ID) station.State {
	st, _, _ := b.Standing(id)
	return st
}

func (b *bench) lookup(number string) station.Full {
	b.Helper()
	f, _, err := b.Lookup(station.Owner(), number)
	if err != nil {
		b.Fatalf("look up %s: %v", number, err)
	}
	return f
}

func (b *bench) correct(who station.Who, number station.Number, change func(*station.Reception)) {
	b.Helper()
	f := b.lookup(string(number))
	r := f.Reception()
	change(&r)
	if err := b.Correct(who, f, r, "核对后更正", ""); err != nil {
		b.Fatalf("correct %s: %v", number, err)
	}
}

// numbers lists what a search shows, newest first.
func (b *bench) numbers(who station.Who, q station.Query) []station.Number {
	b.Helper()
	rows, err := b.List(who, q)
	if err != nil {
		b.Fatalf("list: %v", err)
	}
	var ns []station.Number
	for _, r := range rows {
		ns = append(ns, r.Number)
	}
	return ns
}

func (b *bench) find(text string) []station.Number {
	b.Helper()
	return b.numbers(head, station.Query{Text: text})
}

// entries returns the newest revisions of a kind.
func (b *bench) entries(k ledger.Kind) []ledger.Entry {
	b.Helper()
	var es []ledger.Entry
	if err := b.led.Each(k, func(e ledger.Entry) error { es = append(es, e); return nil }); err != nil {
		b.Fatal(err)
	}
	return es
}

// journal returns everything the station wrote.
func (b *bench) journal() []ledger.Entry {
	b.Helper()
	es, err := b.led.Since(b.led.Own(), 0, 1<<30)
	if err != nil {
		b.Fatal(err)
	}
	return es
}

func (b *bench) roster() {
	b.Helper()
	if _, err := b.PutDeputies(head, []station.Deputy{{Code: "D001", Name: "李建国"}, {Code: "D002", Name: "王秀英"}, {Code: "D003", Name: "单小芳"}}); err != nil {
		b.Fatal(err)
	}
}

// lamp is the reception most tests record: a street lamp, answered on the
// spot.
func lamp() station.Reception {
	return station.Reception{
		Voter: station.InVoter{Name: "王小明", Phone: "13800138000", Village: "321181002001"},
		Matters: []station.Issue{{Content: "小区东门的路灯坏了半个月,晚上老人出门不安全,希望尽快修好。", Category: "11",
			Reply: "已联系城管值班室,三日内派人检修"}},
	}
}

func lampBy(name, phone string) station.Reception {
	r := lamp()
	r.Voter.Name, r.Voter.Phone = name, phone
	return r
}

// problem requires err to be a problem with this code, in both languages.
func problem(t testing.TB, err error, code string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want problem %s", code)
	}
	p := station.Say(err)
	if p.Code != code {
		t.Fatalf("problem %s (%v), want %s", p.Code, err, code)
	}
	if p.ZH == "" || p.EN == "" {
		t.Errorf("problem %s lacks a language: %+v", code, p)
	}
}

// faulty requires err to be a list of problems that has this code at this
// field.
func faulty(t testing.TB, err error, field, code string) {
	t.Helper()
	ps, ok := station.FieldsOf(err)
	if !ok {
		t.Fatalf("error %v, want %s at %s", err, code, field)
	}
	if !slices.ContainsFunc(ps, func(p station.FieldProblem) bool { return p.Field == field && p.Code == code }) {
		t.Fatalf("problems %v, want %s at %s", ps, code, field)
	}
}

func equal[T comparable](t testing.TB, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func date(s string) typed.Date {
	var d typed.Date
	if err := d.UnmarshalText([]byte(s)); err != nil {
		panic(err)
	}
	return d
}

// syncWriter keeps what is logged.
type syncWriter struct {
	mu sync.Mutex
	b  strings.Builder
}

func (w *syncWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *syncWriter) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// broken is a ledger of which one method fails while err is set.
type broken struct {
	ledger.Ledger
	mu     sync.Mutex
	commit error
	each   error
}

func (l *broken) fail(commit, each error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commit, l.each = commit, each
}

func (l *broken) errs() (commit, each error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.commit, l.each
}

func (l *broken) Commit(ctx context.Context, c ledger.Change) ([]ledger.Entry, error) {
	if err, _ := l.errs(); err != nil {
		return nil, err
	}
	return l.Ledger.Commit(ctx, c)
}

func (l *broken) Each(k ledger.Kind, fn func(ledger.Entry) error) error {
	if _, err := l.errs(); err != nil {
		return err
	}
	return l.Ledger.Each(k, fn)
}

var errDisk = errors.New("the disk does not answer")

// restore makes a new station of a backup, with its own clock and file.
func restore(t testing.TB, from *bench, backup string) *bench {
	t.Helper()
	dir := t.TempDir()
	copied := filepath.Join(dir, "backup.db")
	if err := os.WriteFile(copied, []byte(backup), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &bench{TB: t, path: filepath.Join(dir, "ledger.db"), now: from.clock(), log: &syncWriter{}}
	o := bolt.RestoreOptions{Options: bolt.Options{Indexes: station.Indexes(), Now: b.clock}}
	if _, err := bolt.Restore(t.Context(), copied, b.path, o); err != nil {
		t.Fatal(err)
	}
	b.open()
	t.Cleanup(func() {
		b.check()
		if err := b.led.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b
}

// nth is a ledger whose n-th commit finds the disk full.
type nth struct {
	broken
	n int
}

func (l *nth) Commit(ctx context.Context, c ledger.Change) ([]ledger.Entry, error) {
	if l.n--; l.n == 0 {
		return nil, ledger.ErrFull
	}
	return l.broken.Commit(ctx, c)
}

// Two hundred people who sign in one after the other must not have two hundred
// screens read everything each time.
func TestASignInWakesNoScreen(t *testing.T) {
	b := newDesk(t)
	changed, stop := b.Watch()
	defer stop()
	if err := b.Audit(head, station.ActSignIn, "u-1", true, ""); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
		t.Error("a line of the audit log woke a screen")
	default:
	}
	if _, err := b.Receive(attendant, lamp(), false, ""); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	default:
		t.Error("a reception woke nobody")
	}
}
