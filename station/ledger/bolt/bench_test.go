package bolt

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/station/ledger"
)

// phrases give bodies the length and the entropy of what people write.
var phrases = strings.Fields(`
	楼道路灯不亮 夜里老人上下楼 希望尽快修好 门口道路积水 雨天孩子上学要绕路 已多次反映 没有答复
	小区停车位太少 消防通道被占 物业不管 请求协调 公交站太远 建议增设一站 医保报销手续 需要说明
	自来水压力低 三楼以上用水困难 河边垃圾无人清理 气味很重 电动车充电 没有地方 拆迁安置款 何时到位
	农田灌溉渠 堵塞已久 村里健身器材 损坏 广场舞噪音 影响休息 养老金认证 老人不会用手机 幼儿园学位 不足`)

// prose is about n bytes of it.
func prose(r *rand.Rand, n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(phrases[r.IntN(len(phrases))])
		fmt.Fprintf(&b, "%d号，", r.IntN(1000))
	}
	return b.String()
}

// body is the JSON body of a station's i-th record, about n bytes of it. A
// station records some twenty a day.
func body(r *rand.Rand, i, n int) []byte {
	b, err := json.Marshal(map[string]any{
		"number":   fmt.Sprintf("QA01-26A-%06d-K", i),
		"category": fmt.Sprintf("%02d", 1+r.IntN(20)),
		"day":      time.Date(2026, 1, 1+i/20, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
		"kind":     "suggestion", "disposition": "onspot", "content": prose(r, n-150),
	})
	if err != nil {
		panic(err) // a map of strings
	}
	return b
}

// byBody finds every record under three keys made from its body, as the
// station does.
func byBody(e ledger.Entry) []ledger.Key {
	var f struct{ Number, Category, Day, Disposition string }
	if json.Unmarshal(e.Body, &f) != nil {
		return nil
	}
	keys := []ledger.Key{
		{Index: string(e.Kind) + ".number", Key: f.Number},
		{Index: string(e.Kind) + ".day", Key: f.Day},
		{Index: string(e.Kind) + ".category", Key: f.Category + "." + f.Day},
	}
	if e.Private { // the voter: found by nothing that is said about them
		return keys[:0]
	}
	return keys
}

func benchLedger(b *testing.B, o Options) *Ledger {
	b.Helper()
	o.Indexes.Keys = byBody
	o.Writer = "QA01"
	l, err := Open(filepath.Join(b.TempDir(), "ledger.db"), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l
}

// reception is one save: a visit, its matter, its voter.
func reception(r *rand.Rand, i int) []ledger.New {
	id := func(k string) ledger.ID { return ledger.ID(fmt.Sprintf("0199a1b2-c3d4-7e5f-%s-%012d", k, i)) }
	at := time.UnixMilli(1795400000000 + int64(i)*60000)
	return []ledger.New{
		{Kind: "visit", ID: id("8a9b"), At: at, By: "zhangwei", Body: body(r, i, 600)},
		{Kind: "matter", ID: id("8a9c"), At: at, By: "zhangwei", Body: body(r, i, 600)},
		{Kind: "voter", ID: id("8a9d"), At: at, By: "zhangwei", Private: true, Body: body(r, i, 600)},
	}
}

// pageSizes are those that were chosen among.
var pageSizes = []int{4096, pageSize, 16384}

// bareWrite times the least that a durable save can cost: one page appended
// and synced.
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

// BenchmarkCommit is one durable save, beside a bare write of one page with
// fdatasync, both timed one by one and in turn, so that the ratios hold on
// any disk.
func BenchmarkCommit(b *testing.B) {
	for _, page := range pageSizes {
		b.Run(fmt.Sprintf("page=%d", page), func(b *testing.B) {
			l := benchLedger(b, Options{page: page})
			bare, err := os.Create(filepath.Join(b.TempDir(), "bare"))
			if err != nil {
				b.Fatal(err)
			}
			defer bare.Close()
			r := rand.New(rand.NewPCG(1, 2))
			var saves, bares []time.Duration
			i := 0
			for b.Loop() {
				news := reception(r, i)
				start := time.Now()
				if _, err := l.Commit(b.Context(), ledger.Change{New: news}); err != nil {
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
			p50, p99 := saves[len(saves)/2], saves[len(saves)*99/100]
			unit := bares[len(bares)/2]
			b.ReportMetric(float64(p50.Microseconds()), "p50-µs")
			b.ReportMetric(float64(p99.Microseconds()), "p99-µs")
			b.ReportMetric(float64(unit.Microseconds()), "bare-µs")
			b.ReportMetric(float64(p50)/float64(unit), "p50/bare")
			b.ReportMetric(float64(p99)/float64(unit), "p99/bare")
			reportSize(b, l, i*3)
		})
	}
}

// BenchmarkCost is one durable save without and with what guards it: sealing,
// and the second copy. The four ledgers take turns, with a bare write of one
// page and fdatasync after each round, so that the ratios hold on any disk.
func BenchmarkCost(b *testing.B) {
	ways := []struct {
		name string
		o    Options
		l    *Ledger
		took []time.Duration
	}{
		{name: "plain,one-copy", o: Options{plain: true, noLog: true}},
		{name: "sealed,one-copy", o: Options{noLog: true}},
		{name: "plain,two-copies", o: Options{plain: true}},
		{name: "sealed,two-copies", o: Options{}},
	}
	for i := range ways {
		ways[i].l = benchLedger(b, ways[i].o)
	}
	bare, err := os.Create(filepath.Join(b.TempDir(), "bare"))
	if err != nil {
		b.Fatal(err)
	}
	defer bare.Close()
	r := rand.New(rand.NewPCG(1, 2))
	var bares []time.Duration
	for i := 0; b.Loop(); i++ {
		news := reception(r, i)
		for w := range ways {
			start := time.Now()
			if _, err := ways[w].l.Commit(b.Context(), ledger.Change{New: news}); err != nil {
				b.Fatal(err)
			}
			ways[w].took = append(ways[w].took, time.Since(start))
		}
		bares = append(bares, bareWrite(b, bare, int64(i)))
	}
	slices.Sort(bares)
	half, most := bares[len(bares)/2], bares[len(bares)*99/100]
	b.ReportMetric(float64(half.Microseconds()), "bare-p50-µs")
	b.ReportMetric(float64(most.Microseconds()), "bare-p99-µs")
	for _, w := range ways {
		slices.Sort(w.took)
		b.ReportMetric(float64(w.took[len(w.took)/2])/float64(half), w.name+"-p50/bare")
		b.ReportMetric(float64(w.took[len(w.took)*99/100])/float64(most), w.name+"-p99/bare")
	}
}

func reportSize(b *testing.B, l *Ledger, entries int) {
	info, err := os.Stat(l.path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/float64(entries), "file-B/entry")
}

// foreignBatch makes n chained entries of a station with bodies of size bytes.
func foreignBatch(r *rand.Rand, after ledger.Entry, n, size int) []ledger.Entry {
	out := make([]ledger.Entry, 0, n)
	for range n {
		e := ledger.Entry{
			Header: ledger.Header{
				Ref:  ledger.Ref{Stream: after.Stream, Seq: after.Seq + 1},
				Kind: "matter", ID: ledger.ID(fmt.Sprintf("0199a1b2-c3d4-7e5f-8a9c-%012d", after.Seq+1)),
				At: time.UnixMilli(1795400000000).UTC(), By: "zhangwei",
			},
			Salt: []byte("0123456789abcdef"), Body: body(r, int(after.Seq), size),
		}
		if after.Seq > 0 {
			e.Prev = after.Hash()
		}
		e.Header.Body = ledger.BodyHash(e.Salt, e.Body)
		out = append(out, e)
		after = e
	}
	return out
}

// BenchmarkAccept500 is a city's commit of one full batch.
func BenchmarkAccept500(b *testing.B) {
	for _, page := range pageSizes {
		b.Run(fmt.Sprintf("page=%d", page), func(b *testing.B) {
			l := benchLedger(b, Options{page: page})
			r := rand.New(rand.NewPCG(1, 2))
			last := ledger.Entry{Header: ledger.Header{Ref: ledger.Ref{Stream: "QA02/A-benchmark"}}}
			n := 0
			for b.Loop() {
				b.StopTimer()
				batch := foreignBatch(r, last, 500, 2000)
				last = batch[499]
				b.StartTimer()
				if _, err := l.Commit(context.Background(), ledger.Change{Foreign: batch}); err != nil {
					b.Fatal(err)
				}
				n += 500
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
			reportSize(b, l, n)
		})
	}
}

// BenchmarkOpen100k opens a file of 100,000 entries.
func BenchmarkOpen100k(b *testing.B) {
	path := filepath.Join(b.TempDir(), "ledger.db")
	o := Options{Writer: "QA01", Indexes: ledger.Indexes{Version: 1, Keys: byBody}}
	l, err := Open(path, o)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	last := ledger.Entry{Header: ledger.Header{Ref: ledger.Ref{Stream: "QA02/A-benchmark"}}}
	for range 100 {
		batch := foreignBatch(r, last, 1000, 600)
		last = batch[999]
		if _, err := l.Commit(context.Background(), ledger.Change{Foreign: batch}); err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l, err := Open(path, o)
		if err != nil {
			b.Fatal(err)
		}
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
