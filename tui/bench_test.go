package tui

import (
	"fmt"
	"testing"

	"liaison/station"
	"liaison/station/ledger"
)

// BenchmarkRegisterKey is a key press in the register to the finished screen,
// 120×40, by how many receptions it holds: the cost must not grow with them.
func BenchmarkRegisterKey(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		for _, key := range []string{"down", "pgdown", "end"} {
			b.Run(fmt.Sprintf("%d/%s", n, key), func(b *testing.B) {
				d := newDesk(b)
				m := New(Config{Desk: d}, Caller{Who: station.Owner()})
				m.w, m.h = 120, 40-frameRows
				p := newRegister()
				p.build(&m.env)
				p.read, p.reading = true, true // nothing is read beside
				m.pages = []page{newHome(), p}
				p.put(manyRows(n))
				k := keyPress(key)
				b.ReportAllocs()
				for b.Loop() {
					if p.list.at == n-1 {
						p.list.mark(0)
					}
					m.Update(k)
					_ = m.View()
				}
			})
		}
	}
}

// BenchmarkRegisterRefresh is what a commit of somebody else costs an open
// register of 100,000: finding the marked reception again.
func BenchmarkRegisterRefresh(b *testing.B) {
	p := newRegister()
	rows := manyRows(100_000)
	p.put(rows)
	p.list.mark(90_000)
	for b.Loop() {
		p.put(rows)
	}
}

func manyRows(n int) []*station.Row {
	rows := make([]*station.Row, n)
	for i := range rows {
		rows[i] = &station.Row{ID: ledger.ID(fmt.Sprintf("0190a5e2-7b1c-7000-8000-%012d", i)), Number: station.Number(fmt.Sprintf("QA01-26A-%04d-K", n-i)),
			At: monday.Add(-1), Entered: monday, Name: "王小明", Phone: "13800138000", Village: "321181002001",
			Matters: []station.RowMatter{{N: 1, Title: "小区东门的路灯坏了半个月", Category: "11", Disposition: "town"}}}
	}
	return rows
}
