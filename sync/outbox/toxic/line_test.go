// Package toxic sends a station's entries through a line that toxiproxy cuts.
// It is a module of its own, so that the program does not depend on it.
package toxic

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/sync/inbox"
	"liaison/sync/outbox"
)

func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

// TestALineThatIsCutAThousandTimes: 20,000 entries through a proxy that cuts
// requests and answers after so many bytes, resets connections and lets bytes
// trickle; each is applied once.
func TestALineThatIsCutAThousandTimes(t *testing.T) {
	const entries, portions, cutsWanted = 20_000, 50, 1_000
	dir := t.TempDir()
	open := func(writer string) *bolt.Ledger {
		l, err := bolt.Open(filepath.Join(dir, writer+".db"), bolt.Options{Writer: writer})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l
	}
	station, city := open("QA01"), open("city")
	in, err := inbox.New(inbox.Config{Ledger: city, Key: key(1), Name: "丹阳市人大", Rate: 1e6, Burst: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(in)
	defer server.Close()
	log := zerolog.Nop()
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), log), "line", "127.0.0.1:0", server.Listener.Addr().String())
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	defer proxy.Stop()

	code, err := in.Invite(t.Context(), "QA01")
	if err != nil {
		t.Fatal(err)
	}
	joined, err := outbox.Enrol(t.Context(), outbox.Enrolment{URL: "http://" + proxy.Listen, Code: code, Station: "QA01", Name: "样板站", Key: key(2)})
	if err != nil {
		t.Fatal(err)
	}
	box, err := outbox.New(outbox.Config{Ledger: station, Key: key(2), Station: "QA01", City: joined, Stall: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}

	rng := rand.New(rand.NewPCG(1, 2026))
	runs, cuts := 0, 0
	toxics := func() string { // one of what can be wrong with a line
		switch rng.IntN(4) {
		case 0:
			return fmt.Sprintf(`{"name":"t","type":"limit_data","stream":"upstream","attributes":{"bytes":%d}}`, 1+rng.IntN(60_000))
		case 1:
			return fmt.Sprintf(`{"name":"t","type":"limit_data","stream":"downstream","attributes":{"bytes":%d}}`, 1+rng.IntN(1200))
		case 2:
			return `{"name":"t","type":"reset_peer","stream":"upstream","attributes":{"timeout":0}}`
		}
		return `{"name":"t","type":"reset_peer","stream":"downstream","attributes":{"timeout":0}}`
	}
	ids := 0
	for range portions {
		var c ledger.Change
		for range entries / portions {
			ids++
			c.New = append(c.New, ledger.New{Kind: "visit", ID: ledger.ID(fmt.Sprintf("v%06d", ids)), By: "a1", Body: []byte(`{"content":"` + fmt.Sprint(rng.Uint64()) + `路灯不亮"}`)})
		}
		if _, err := station.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for enough := cuts + cutsWanted/portions; cuts < enough; {
			if _, err := proxy.Toxics.AddToxicJson(bytes.NewReader([]byte(toxics()))); err != nil {
				t.Fatal(err)
			}
			runs++
			if box.Once(context.Background(), nil) != nil {
				cuts++
			}
			if err := proxy.Toxics.RemoveToxic(t.Context(), "t"); err != nil {
				t.Fatal(err)
			}
		}
	}
	for try := 1; ; try++ { // a connection that a toxic was on may be among the idle ones
		if err = box.Once(t.Context(), nil); err == nil || try == 5 {
			break
		}
	}
	if err != nil {
		t.Fatalf("over the line as it is without toxics: %v", err)
	}

	head, err := city.Head(station.Own())
	if err != nil || head.Seq != entries {
		t.Errorf("the city holds %d of %d: %v", head.Seq, entries, err)
	}
	times := map[ledger.ID]int{}
	all, err := city.Since(station.Own(), 0, entries+1)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		times[e.ID]++
	}
	for id, n := range times {
		if n != 1 {
			t.Errorf("%s is there %d times", id, n)
		}
	}
	for _, l := range []*bolt.Ledger{station, city} {
		if _, err := l.Check(t.Context(), func(f ledger.Fault) { t.Errorf("fault: %s", f) }); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d entries, %d runs of which %d were cut; arrived %d, doubled 0, holes 0", entries, runs, cuts, len(times))
}
