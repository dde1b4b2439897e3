package outbox

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"filippo.io/age"

	"liaison/station/ledger"
	"liaison/sync/inbox"
	"liaison/sync/wire"
)

// up writes the station's bundle.
func (w *world) up(o *Outbox, all bool) []byte {
	w.t.Helper()
	var b bytes.Buffer
	if _, err := o.Bundle(w.t.Context(), &b, all); err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

// down writes the city's.
func (w *world) down() []byte {
	w.t.Helper()
	var b bytes.Buffer
	if _, err := w.handler.Load().Bundle(w.t.Context(), "QA01", &b, false); err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

func (w *world) arrives(stick []byte) inbox.Accepted {
	w.t.Helper()
	a, err := w.handler.Load().Accept(w.t.Context(), bytes.NewReader(stick))
	if err != nil {
		w.t.Fatalf("the city did not take it: %v", err)
	}
	return a
}

func (w *world) returns(o *Outbox, stick []byte) Accepted {
	w.t.Helper()
	a, err := o.Accept(w.t.Context(), bytes.NewReader(stick))
	if err != nil {
		w.t.Fatalf("the station did not take it: %v: %v", err, errors.Unwrap(err))
	}
	return a
}

// TestAStationWithoutALine sends and receives by stick for weeks: everything
// arrives once, the numbers that people are shown are those of a sync, and
// what the city has for the station comes the same way.
func TestAStationWithoutALine(t *testing.T) {
	w := newWorld(t)
	w.server.Close() // the line is never used again
	o := w.outbox()
	w.write(1200)
	write(t, w.city, 3, func(ledger.Seq) string { return `{"for":"all"}` })
	c := ledger.Change{New: []ledger.New{{Stream: w.city.Own().For("QA01"), Kind: "step", ID: "s1", By: "c1", Body: []byte(`{"for":"QA01"}`)},
		{Stream: w.city.Own().For("QB02"), Kind: "step", ID: "s2", By: "c1", Body: []byte(`{"for":"QB02"}`)}}}
	if _, err := w.city.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}

	first := w.up(o, false)
	if a := w.arrives(first); a.Stored != 1200 || a.Known != 0 || a.Station != "QA01" {
		t.Errorf("first: %+v", a)
	}
	w.wantStatus(o, 1200, 0) // nothing is confirmed before the way back
	back := w.down()
	if a := w.returns(o, back); a.Confirmed != 1200 || a.New != 4 {
		t.Errorf("the way back: %+v", a)
	}
	w.wantStatus(o, 1200, 1200)
	w.same()
	if _, err := w.station.Record("step", "s1"); err != nil {
		t.Errorf("the city's step: %v", err)
	}
	if _, err := w.station.Record("step", "s2"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("another station's step came along: %v", err)
	}

	// Sticks are lost, come twice, and in the wrong order.
	w.write(10)
	second := w.up(o, false)
	w.write(10)
	third := w.up(o, false) // holds the second's, too: nothing came back yet
	if a := w.arrives(third); a.Stored != 20 {
		t.Errorf("third: %+v", a)
	}
	for _, stick := range [][]byte{second, first, third} {
		if a := w.arrives(stick); a.Stored != 0 || a.Known == 0 {
			t.Errorf("once more: %+v", a)
		}
	}
	if a := w.returns(o, back); a.Confirmed != 1200 || a.New != 0 { // the old one once more
		t.Errorf("the old way back: %+v", a)
	}
	if a := w.returns(o, w.down()); a.Confirmed != 1220 || a.New != 0 {
		t.Errorf("the way back: %+v", a)
	}
	w.same()
	t.Logf("by stick: 1220 entries in 3 bundles, accepted 5 times; doubled 0, lost 0")
}

// TestStickAndLineTogether: what went by stick does not go again over the
// line, and the other way round.
func TestStickAndLineTogether(t *testing.T) {
	w := newWorld(t)
	o := w.outbox()
	w.write(100)
	stick := w.up(o, false)
	w.write(5)
	w.sync(o)
	if a := w.arrives(stick); a.Stored != 0 || a.Known != 100 {
		t.Errorf("the stick came after the line: %+v", a)
	}
	w.write(7)
	w.arrives(w.up(o, false))
	w.sync(o) // the receipt comes over the line
	w.wantStatus(o, 112, 112)
	w.same()
}

// TestBundleAfterTheCityWentBack: the city lost what had been confirmed; a gap
// is said, and a bundle of everything fills it.
func TestBundleAfterTheCityWentBack(t *testing.T) {
	w := newWorld(t)
	o := w.outbox()
	w.write(50)
	w.copyOf(w.city, "old.db")
	w.sync(o)
	w.restartCity("old.db")
	w.write(5)
	_, err := w.handler.Load().Accept(t.Context(), bytes.NewReader(w.up(o, false)))
	if p := (wire.Problem{}); !errors.As(err, &p) || p.Code != wire.Gap {
		t.Errorf("a gap: %v", err)
	}
	if a := w.arrives(w.up(o, true)); a.Stored != 55 {
		t.Errorf("everything: %+v", a)
	}
	w.returns(o, w.down())
	w.wantStatus(o, 55, 55)
	w.same()
}

// TestBundlesOfOthersAreRefused: for another city, from another station, signed
// with another key, changed, cut short, or no bundle at all: refused in words,
// and nothing changed at either end.
func TestBundlesOfOthersAreRefused(t *testing.T) {
	w := newWorld(t)
	o := w.outbox()
	w.write(20)
	stick := w.up(o, false)
	flip := func(at int) []byte { b := bytes.Clone(stick); b[at] ^= 1; return b }
	for name, bad := range map[string][]byte{"cut short": stick[:len(stick)-20], "changed": flip(len(stick) / 2), "empty": {},
		"a text": []byte("姓名,电话\n"), "two in one": append(bytes.Clone(stick), stick...)} {
		if _, err := w.handler.Load().Accept(t.Context(), bytes.NewReader(bad)); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.handler.Load().Accept(t.Context(), bytes.NewReader(flip(30))); !errors.Is(err, wire.ErrNotForUs) {
		t.Errorf("its seal changed: %v", err)
	}
	if head, err := w.city.Head(w.station.Own()); err != nil || head.Seq != 0 {
		t.Errorf("the city took %d entries: %v", head.Seq, err)
	}
	// The way up is no way back, and the station says so in a sentence.
	_, err := o.Accept(t.Context(), bytes.NewReader(stick))
	if e := (*Error)(nil); !errors.As(err, &e) || e.Code != "bundle-other" || e.ZH == "" || e.EN == "" {
		t.Errorf("its own bundle: %v", err)
	}
}

// TestABundleSealedByAStrangerIsUnsigned: who knows the city's public key can
// seal to it, but not sign for a station.
func TestABundleSealedByAStrangerIsUnsigned(t *testing.T) {
	w := newWorld(t)
	var b bytes.Buffer
	out, err := wire.NewBundleWriter(&b, w.cfg.City.Key, testKey(9), wire.BundleHead{From: "QA01", For: "city", At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.handler.Load().Accept(t.Context(), bytes.NewReader(b.Bytes())); !errors.Is(err, wire.ErrUnsigned) {
		t.Errorf("signed by a stranger: %v", err)
	}
	b.Reset()
	out, err = wire.NewBundleWriter(&b, w.cfg.City.Key, testKey(9), wire.BundleHead{From: "QZ99", For: "city", At: time.Now()})
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.handler.Load().Accept(t.Context(), bytes.NewReader(b.Bytes())); !errors.Is(err, inbox.ErrUnknownStation) {
		t.Errorf("of a station nobody knows: %v", err)
	}
}

// TestABundleThatIsABombIsRefused: an age file whose inside is endless zeros.
func TestABundleThatIsABombIsRefused(t *testing.T) {
	w := newWorld(t)
	pub, err := ssh.NewPublicKey(cityKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	to, err := agessh.NewEd25519Recipient(pub)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out, err := age.Encrypt(&b, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(out, zeros{}, 8<<20); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.handler.Load().Accept(t.Context(), bytes.NewReader(b.Bytes())); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("a line of 8 MiB: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
