package peer

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// schema holds what the buckets of a ledger hold.
const schema = `
create table journal (stream text, seq integer, header blob, salt blob, body blob, primary key (stream, seq)) without rowid;
create table record (kind text, id text, stream text, seq integer, primary key (kind, id)) without rowid;
create table idx (name text, key text, id text, primary key (name, key, id)) without rowid;
create table head (stream text primary key, seq integer, hash blob) without rowid;`

// open makes a database that is as durable as a ledger: every commit is on
// the disk when it returns.
func open(b *testing.B) *sql.DB {
	b.Helper()
	path := filepath.Join(b.TempDir(), "peer.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { db.Close() })
	if _, err := db.Exec(schema); err != nil {
		b.Fatal(err)
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2"} {
		var got string
		if err := db.QueryRow("pragma " + pragma).Scan(&got); err != nil || got != want {
			b.Fatalf("%s is %s, %v; want %s", pragma, got, err, want)
		}
	}
	return db
}

// An entry is one to be saved, with the keys it is to be found under.
type entry struct {
	kind, id string
	header   []byte // 170 bytes, the length of a ledger's
	body     []byte
	keys     [][2]string
}

// journal is a stream being written.
type journal struct {
	db     *sql.DB
	stream string
	seq    int
	hash   [32]byte
}

// save writes entries, pointers, index lines and head in one transaction.
func (j *journal) save(es []entry) (err error) {
	tx, err := j.db.Begin()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	for _, e := range es {
		j.seq++
		salt := make([]byte, 16)
		rand.Read(salt) // never fails
		sum := sha256.Sum256(append(salt, e.body...))
		copy(e.header[len(e.header)-64:], sum[:])
		copy(e.header[len(e.header)-32:], j.hash[:])
		j.hash = sha256.Sum256(e.header)
		if _, err = tx.Exec("insert into journal values (?,?,?,?,?)", j.stream, j.seq, e.header, salt, e.body); err != nil {
			return err
		}
		if _, err = tx.Exec("insert into record values (?,?,?,?) on conflict do update set stream=excluded.stream, seq=excluded.seq", e.kind, e.id, j.stream, j.seq); err != nil {
			return err
		}
		for _, k := range e.keys {
			if _, err = tx.Exec("insert into idx values (?,?,?)", k[0], k[1], e.id); err != nil {
				return err
			}
		}
	}
	if _, err = tx.Exec("insert into head values (?,?,?) on conflict do update set seq=excluded.seq, hash=excluded.hash", j.stream, j.seq, j.hash[:]); err != nil {
		return err
	}
	return tx.Commit()
}

// prose is n bytes of Chinese text.
func prose(r *mathrand.Rand, n int) []byte {
	var b strings.Builder
	for b.Len() < n {
		b.WriteRune('一' + rune(r.IntN(2000)))
	}
	return []byte(b.String()[:n])
}

// keys are three index keys of a station's i-th record.
func keys(r *mathrand.Rand, kind string, i int) [][2]string {
	day := time.Date(2026, 1, 1+i/20, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	return [][2]string{
		{kind + ".number", fmt.Sprintf("QA01-26A-%06d-K", i)},
		{kind + ".day", day},
		{kind + ".category", fmt.Sprintf("%02d.%s", 1+r.IntN(20), day)},
	}
}

// BenchmarkCommit is the save of one reception, as in station/ledger/bolt:
// three entries with bodies of 600 bytes, six index keys.
func BenchmarkCommit(b *testing.B) {
	j := &journal{db: open(b), stream: "QA01/A-benchmark"}
	bare, err := os.Create(filepath.Join(b.TempDir(), "bare"))
	if err != nil {
		b.Fatal(err)
	}
	defer bare.Close()
	r := mathrand.New(mathrand.NewPCG(1, 2))
	var saves, bares []time.Duration
	i := 0
	for b.Loop() {
		var es []entry
		for _, kind := range []string{"visit", "matter", "voter"} {
			e := entry{kind: kind, id: fmt.Sprintf("0199a1b2-c3d4-7e5f-%s-%012d", kind[:4], i), header: make([]byte, 170), body: prose(r, 600)}
			if kind != "voter" {
				e.keys = keys(r, kind, i)
			}
			es = append(es, e)
		}
		start := time.Now()
		if err := j.save(es); err != nil {
			b.Fatal(err)
		}
		saves = append(saves, time.Since(start))
		i++
		b.StopTimer()
		bares = append(bares, bareWrite(b, bare, int64(i)))
		b.StartTimer()
	}
	slices.Sort(saves)
	slices.Sort(bares)
	p50, p99, unit := saves[len(saves)/2], saves[len(saves)*99/100], bares[len(bares)/2]
	b.ReportMetric(float64(p50.Microseconds()), "p50-µs")
	b.ReportMetric(float64(p99.Microseconds()), "p99-µs")
	b.ReportMetric(float64(unit.Microseconds()), "bare-µs")
	b.ReportMetric(float64(p50)/float64(unit), "p50/bare")
	b.ReportMetric(float64(p99)/float64(unit), "p99/bare")
}

// bareWrite times one page appended and synced.
func bareWrite(b *testing.B, f *os.File, i int64) time.Duration {
	b.Helper()
	start := time.Now()
	if _, err := f.WriteAt(make([]byte, 4096), i*4096); err != nil {
		b.Fatal(err)
	}
	if err := datasync(f); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// BenchmarkAccept500 is 500 entries of 2,000 bytes in one transaction.
func BenchmarkAccept500(b *testing.B) {
	j := &journal{db: open(b), stream: "QA02/A-benchmark"}
	r := mathrand.New(mathrand.NewPCG(1, 2))
	n := 0
	for b.Loop() {
		b.StopTimer()
		var es []entry
		for range 500 {
			es = append(es, entry{kind: "matter", id: fmt.Sprintf("0199a1b2-c3d4-7e5f-8a9c-%012d", n), header: make([]byte, 170), body: prose(r, 2000), keys: keys(r, "matter", n)})
			n++
		}
		b.StartTimer()
		if err := j.save(es); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
}
