package cmd

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/typed"
)

// The city of the benchmarks: so many stations, so many matters each, four in
// five answered on the spot (DOMAIN 0.2), the others at every stage of their
// way. It is made once a run and read only.
const (
	bigStations = 200
	bigMatters  = 2000
)

// bigDay is the day it is in the big city.
var bigDay = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// bigCityPath is the file of a city; it is removed by TestMain.
func bigCityPath(b testing.TB, stations, matters int) string {
	b.Helper()
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("liaison-city-%d-%d-%d", os.Getpid(), stations, matters))
	path := filepath.Join(dir, "ledger.db")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	led, err := bolt.Open(path, bolt.Options{Writer: "city", Indexes: station.Indexes()})
	if err != nil {
		b.Fatal(err)
	}
	for i := range stations {
		newChain(b, led, fmt.Sprintf("S%03d", i+1)).fill(matters)
	}
	if err := led.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

func TestMain(m *testing.M) {
	code := m.Run()
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), fmt.Sprintf("liaison-city-%d-*", os.Getpid())))
	for _, d := range dirs {
		_ = os.RemoveAll(d)
	}
	os.Exit(code)
}

// chain writes a station's stream into the city's ledger as the inbox does.
type chain struct {
	testing.TB
	led    *bolt.Ledger
	code   string
	stream ledger.Stream
	seq    ledger.Seq
	prev   ledger.Hash
	list   []ledger.Entry
	rng    *rand.Rand
}

func newChain(b testing.TB, led *bolt.Ledger, code string) *chain {
	return &chain{TB: b, led: led, code: code, stream: ledger.Stream(code + "/A-0000"), rng: rand.New(rand.NewPCG(uint64(len(code)), uint64(code[3])+uint64(code[2])*10))}
}

// put adds an entry to the stream.
func (c *chain) put(k ledger.Kind, id ledger.ID, at time.Time, private bool, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		c.Fatal(err)
	}
	c.seq++
	salt := sha256.Sum256(fmt.Appendf(nil, "%s#%d", c.stream, c.seq))
	e := ledger.Entry{Header: ledger.Header{Ref: ledger.Ref{Stream: c.stream, Seq: c.seq}, Kind: k, ID: id, At: at.UTC().Truncate(time.Millisecond), By: "u-attend", Private: private, Prev: c.prev},
		Salt: salt[:ledger.SaltSize], Body: text}
	e.Header.Body = ledger.BodyHash(e.Salt, e.Body)
	c.prev = e.Hash()
	if private {
		e = e.Withhold()
	}
	if c.list = append(c.list, e); len(c.list) >= 2000 {
		c.flush()
	}
}

func (c *chain) flush() {
	if _, err := c.led.Commit(context.Background(), ledger.Change{Foreign: c.list}); err != nil {
		c.Fatal(err)
	}
	c.list = c.list[:0]
}

// id is one that sorts by time, as UUIDv7 do.
func (c *chain) id(mark string, n int) ledger.ID {
	return ledger.ID(fmt.Sprintf("%s%s-%06d", mark, c.code, n))
}

// number completes a running number with its check character.
func (c *chain) number(run int) station.Number {
	for _, r := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		n := fmt.Sprintf("%s-26A-%04d-%c", c.code, run, r)
		if got, _, err := station.ParseNumber(n); err == nil && string(got) == n {
			return got
		}
	}
	c.Fatalf("no number %d", run)
	return ""
}

// bigDispositions is one in a hundred each, four in five on the spot.
var bigDispositions = []struct {
	code  string
	share int
}{{"onspot", 80}, {"village", 5}, {"town", 5}, {"city", 4}, {"proposal", 1}, {"guide", 2}, {"refuse", 1}, {"collect", 2}}

func (c *chain) disposition() string {
	n := c.rng.IntN(100)
	for _, d := range bigDispositions {
		if n -= d.share; n < 0 {
			return d.code
		}
	}
	return "onspot"
}

// fill writes a year of receptions.
func (c *chain) fill(matters int) {
	c.put(station.KindStation, ledger.ID(c.code), bigDay.AddDate(-1, 0, 0), false, station.Info{Code: c.code, Name: "样板站 " + c.code})
	places := []string{"小区东门", "前艾村八组", "人民路口", "菜场北侧", "学校门口", "河道沿岸"}
	things := []string{"路灯不亮", "停车难", "加装电梯", "占道经营", "入学咨询", "垃圾清运", "下水道堵塞", "医保报销", "农田水利", "噪声扰民"}
	session := ledger.ID("")
	for i := range matters {
		at := bigDay.AddDate(0, 0, -330).Add(time.Duration(i) * 330 * 24 * time.Hour / time.Duration(matters))
		if i%20 == 0 {
			session = c.id("s", i)
			c.put(station.KindSession, session, at, false, station.Session{Day: typed.DateOf(at.In(station.Beijing)), Time: "fixed", Place: "station", Topic: "open", Deputies: []string{"D001"}})
		}
		visit, num := c.id("v", i), c.number(i+1)
		c.put(station.KindVoter, visit, at, true, station.Voter{})
		c.put(station.KindVisit, visit, at, false, station.Visit{Number: num, Session: session, By: "u-attend", At: at, Entered: at, Channel: "walkin", Persons: 1, Village: "321181002001"})
		place, thing, d := places[c.rng.IntN(len(places))], things[c.rng.IntN(len(things))], c.disposition()
		m := station.Matter{Visit: visit, Number: num.Matter(1), N: 1, Title: place + thing, Content: place + thing + ",住户多次反映,希望安排人员到现场查看。",
			Kind: "suggestion", Category: fmt.Sprintf("1%d", 1+c.rng.IntN(9)), Disposition: d, Reply: "已登记转交", Urgency: "normal"}
		c.put(station.KindMatter, c.id("m", i), at, false, m)
	}
	c.flush()
}
