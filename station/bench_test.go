package station_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/typed"
)

// percentiles reports the middle and the 99th of what was measured.
func percentiles(b *testing.B, took []time.Duration, unit string) (p50, p99 time.Duration) {
	slices.Sort(took)
	p50, p99 = took[len(took)/2], took[len(took)*99/100]
	b.ReportMetric(float64(p50.Microseconds())/1000, "p50-ms"+unit)
	b.ReportMetric(float64(p99.Microseconds())/1000, "p99-ms"+unit)
	return p50, p99
}

// manyPath is a file of that many receptions over three years, made once a
// run and read only.
func manyPath(b *testing.B, n int) string {
	b.Helper()
	path := filepath.Join(os.TempDir(), fmt.Sprintf("liaison-bench-%d-%d.db", os.Getpid(), n))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	led, err := bolt.Open(path, bolt.Options{Writer: "QA01", Indexes: station.Indexes()})
	if err != nil {
		b.Fatal(err)
	}
	fill(b, led, n)
	if err := led.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// removeMany deletes the files of manyPath; TestMain calls it.
func removeMany() {
	files, _ := filepath.Glob(filepath.Join(os.TempDir(), fmt.Sprintf("liaison-bench-%d-*.db", os.Getpid())))
	for _, f := range files {
		os.Remove(f)
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	removeMany()
	os.Exit(code)
}

var (
	surnames = []rune("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文单仇解查")
	given    = []rune("明敏国华建军小芳秀英丽强伟勇杰娟艳涛超霞平刚桂兰玉珍萍鹏飞红辉文斌波宁静云峰海燕龙庆林志成德荣福生春梅雪莲长行乐朝阳")
	things   = []string{"路灯不亮", "停车难", "加装电梯", "占道经营", "入学咨询", "垃圾清运", "下水道堵塞", "医保报销", "农田水利", "噪声扰民"}
	places   = []string{"小区东门", "前艾村八组", "人民路口", "菜场北侧", "学校门口", "河道沿岸"}
)

// fill writes receptions straight into a ledger, in big commits.
func fill(b *testing.B, led *bolt.Ledger, n int) {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, 2026))
	start := time.Date(2024, 1, 2, 1, 0, 0, 0, time.UTC)
	const perDay = 100
	session := ledger.ID("")
	run, year := 0, 0
	var c ledger.Change
	put := func(k ledger.Kind, id ledger.ID, private bool, body any) {
		text, err := json.Marshal(body)
		if err != nil {
			b.Fatal(err)
		}
		c.New = append(c.New, ledger.New{Kind: k, ID: id, By: "u-attend", Private: private, Body: text})
	}
	number := func(mark string, run int) station.Number {
		s := fmt.Sprintf("QA01%02dA%s%04d", year%100, mark, run)
		return station.Number(fmt.Sprintf("QA01-%02dA-%s%04d-%s", year%100, mark, run, check(b, s)))
	}
	for i := range n {
		at := start.Add(time.Duration(i/perDay)*24*time.Hour + time.Duration(i%perDay)*5*time.Minute)
		if y := at.In(station.Beijing).Year(); y != year {
			run, year = 0, y
		}
		run++
		if i%perDay == 0 {
			session = ledger.ID(fmt.Sprintf("s-%08d", i))
			put(station.KindSession, session, false, station.Session{Number: number("S", run), Day: typed.DateOf(at.In(station.Beijing)),
				Time: "fixed", Place: "station", Topic: "open", Deputies: []string{fmt.Sprintf("D%03d", i/perDay%40)}})
		}
		id := ledger.ID(fmt.Sprintf("v-%08d", i))
		name := string([]rune{surnames[rng.IntN(len(surnames))], given[rng.IntN(len(given))], given[rng.IntN(len(given))]})
		put(station.KindVoter, id, true, station.Voter{Name: name, Phone: "138" + fmt.Sprintf("%08d", rng.IntN(1e8))})
		num := number("", run)
		put(station.KindVisit, id, false, station.Visit{Number: num, Session: session, By: "u-attend", At: at, Entered: at, Channel: "walkin", Persons: 1, Village: "321181002001"})
		place, thing := places[rng.IntN(len(places))], things[rng.IntN(len(things))]
		put(station.KindMatter, ledger.ID(fmt.Sprintf("m-%08d", i)), false, station.Matter{Visit: id, Number: num.Matter(1), N: 1, Title: place + thing,
			Content: place + "的" + thing + "问题已经有一段时间了,住户多次反映,希望能尽快安排人员到现场查看,并把处理的时间告诉大家。" + strconv.Itoa(rng.IntN(1e6)),
			Kind:    "suggestion", Category: "11", Disposition: []string{"onspot", "town", "city"}[rng.IntN(3)], Reply: "已联系有关部门,三日内派人查看", Urgency: "normal"})
		if len(c.New) >= 3000 || i == n-1 {
			if _, err := led.Commit(b.Context(), c); err != nil {
				b.Fatal(err)
			}
			c.New = c.New[:0]
		}
	}
}

// many opens a desk on a file of n receptions, on the day of the last ones.
func many(b *testing.B, n int) *station.Desk {
	b.Helper()
	d, led := openMany(b, manyPath(b, n), n)
	b.Cleanup(func() {
		if err := led.Close(); err != nil {
			b.Error(err)
		}
	})
	return d
}

func openMany(b *testing.B, path string, n int) (*station.Desk, *bolt.Ledger) {
	b.Helper()
	led, err := bolt.Open(path, bolt.Options{Writer: "QA01", Indexes: station.Indexes()})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Date(2024, 1, 2, 9, 0, 0, 0, time.UTC).AddDate(0, 0, (n-1)/100)
	d, err := station.Open(led, station.Options{Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	return d, led
}

// BenchmarkOpenFirstScreen100k opens a station and reads what the home screen
// shows; the budget is half a second.
func BenchmarkOpenFirstScreen100k(b *testing.B) {
	const n = 100_000
	path := manyPath(b, n)
	for b.Loop() {
		d, led := openMany(b, path, n)
		day, err := d.Day(head, 8)
		if err != nil || day.Visits != 100 || len(day.Recent) != 8 {
			b.Fatalf("%d visits, %d recent, %v", day.Visits, len(day.Recent), err)
		}
		if _, ok, err := d.Current(); !ok || err != nil {
			b.Fatal(ok, err)
		}
		if err := led.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWarm100k fills the search table, which goes on behind the first
// screen, and reports what a row keeps in memory.
func BenchmarkWarm100k(b *testing.B) {
	const n = 100_000
	path := manyPath(b, n)
	for b.Loop() {
		d, led := openMany(b, path, n)
		if err := d.Warm(); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&after)
		rows, _ := station.Rows(d)
		if len(rows) != n {
			b.Fatalf("%d rows", len(rows))
		}
		runtime.KeepAlive(d)
		rows, d = nil, nil
		runtime.GC()
		runtime.ReadMemStats(&before)
		b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/n, "B/row")
		if err := led.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// queries are what people type, key by key, and what no reception holds.
var queries = []string{"w", "wa", "wan", "wangx", "wxm", "路", "路灯", "路灯不亮", "8000", "13800", "qa01", "qa01-26a-01", "单", "停车 zhang",
	"入学 东门", "查无此人", "zzzzzz", "qa01-24a-0001", "医保 8 王", "噪声 xyz"}

func benchmarkSearch(b *testing.B, n int, who station.Who, limit int) {
	d := many(b, n)
	if err := d.Warm(); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if _, err := d.List(who, station.Query{Text: queries[i%len(queries)], Limit: limit}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	percentiles(b, took, "")
}

// BenchmarkSearch100k is the list after each key, all rows that fit; the budget
// at the 99th percentile is 30 ms.
func BenchmarkSearch100k(b *testing.B) { benchmarkSearch(b, 100_000, head, 0) }

// BenchmarkSearchOfSize is the same over as many receptions as -receptions
// says; for 1,000,000 the budget is 150 ms, and the file takes 2 GiB.
func BenchmarkSearchOfSize(b *testing.B) { benchmarkSearch(b, *receptions, head, 0) }

var receptions = flag.Int("receptions", 10_000, "receptions in the file of BenchmarkSearchOfSize")

// BenchmarkSearchDeputy100k is the search of a deputy, who sees only what
// concerns them.
func BenchmarkSearchDeputy100k(b *testing.B) { benchmarkSearch(b, 100_000, deputy1, 0) }

// BenchmarkRecall100k looks for an earlier voter at each key.
func BenchmarkRecall100k(b *testing.B) {
	d := many(b, 100_000)
	if err := d.Warm(); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	texts := []string{"w", "wx", "wxm", "王", "王小", "1380", "13800138", "13812345678", "9999", "zzz"}
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if _, err := d.Recall(attendant, texts[i%len(texts)], 5); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	percentiles(b, took, "")
}

// BenchmarkDayOfThousands is the home screen on the day of a large import:
// 5,000 visits on one day, before and after the table is filled.
func BenchmarkDayOfThousands(b *testing.B) {
	d := newDesk(b)
	for range 5000 / 50 {
		var c ledger.Change
		for range 50 {
			num := station.Number(fmt.Sprintf("QA01-26A-%04d-X", len(c.New)))
			id := ledger.ID("v-" + strconv.FormatUint(rand.Uint64(), 36))
			v, _ := json.Marshal(station.Visit{Number: num, By: "u-x", At: monday, Entered: monday, Channel: "online", Persons: 1})
			m, _ := json.Marshal(station.Matter{Visit: id, Number: num.Matter(1), N: 1, Title: "路灯", Content: "路灯", Disposition: "onspot", Category: "11"})
			c.New = append(c.New, ledger.New{Kind: station.KindVisit, ID: id, By: "u-x", Body: v},
				ledger.New{Kind: station.KindVoter, ID: id, By: "u-x", Private: true, Body: []byte(`{}`)},
				ledger.New{Kind: station.KindMatter, ID: "m" + id, By: "u-x", Body: m})
		}
		if _, err := d.Ledger().Commit(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	day := func(b *testing.B) {
		for b.Loop() {
			if got, err := d.Day(head, 8); err != nil || got.Visits != 5000 {
				b.Fatal(got.Visits, err)
			}
		}
	}
	b.Run("before", day)
	if err := d.Warm(); err != nil {
		b.Fatal(err)
	}
	b.Run("after", day)
}

// BenchmarkLateEntryAmong100k is a save whose row belongs into the middle of a
// long table.
func BenchmarkLateEntryAmong100k(b *testing.B) {
	path := filepath.Join(b.TempDir(), "copy.db")
	whole, err := os.ReadFile(manyPath(b, 100_000))
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		b.Fatal(err)
	}
	d, led := openMany(b, path, 100_000)
	defer led.Close()
	if err := d.Warm(); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	r := lamp()
	for i := 0; b.Loop(); i++ {
		r.At = time.Date(2025, 1, 1, 1, 0, i%86400, 0, time.UTC)
		start := time.Now()
		if _, err := d.Receive(attendant, r, false, ""); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	percentiles(b, took, "")
}
