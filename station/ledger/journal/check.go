package journal

import (
	"context"
	"fmt"

	"liaison/station/ledger"
)

// Check reads the whole log, states too, and reports what is wrong. Appending
// meanwhile is allowed. The error is that of ctx; faults are no error.
func (l *Log) Check(ctx context.Context, report func(Fault)) (Tally, error) {
	var t Tally
	r := run{
		frame: func(s *scanner, f frame) bool {
			if t.First == 0 {
				t.First = f.from
			}
			t.Frames++
			t.Last = f.number
			t.Bytes += f.length()
			return ctx.Err() == nil
		},
		fault: func(f *Fault) bool { report(*f); return ctx.Err() == nil },
	}
	segments, end, last := l.snapshot()
	for i, s := range segments {
		if i > 0 && s.number != segments[i-1].number+1 {
			report(Fault{File: segmentName(segments[i-1].number + 1), What: "the file is not there", Err: ErrMissing})
		}
		if h, err := l.readHead(segmentFile, s.number); err == nil {
			l.judgeHead(s.name(), h, report)
		}
		if r.want == 0 {
			r.want = s.first
		}
		limit := int64(-1)
		if i == len(segments)-1 {
			limit = end
		}
		if !l.readSegment(&r, s, limit) {
			return t, ctx.Err()
		}
		t.Segments++
	}
	r.finish(last)
	if err := l.checkStates(ctx, &t, report); err != nil {
		return t, err
	}
	if states := l.States(); len(segments) > 0 && segments[0].first > 1 && (len(states) == 0 || states[len(states)-1]+1 < segments[0].first) {
		report(Fault{File: segments[0].name(), From: 1, To: segments[0].first - 1, What: "no state stands for the frames before this file", Err: ErrMissing})
	}
	return t, nil
}

// judgeHead reports a head that has lost a copy, or is of another log.
func (l *Log) judgeHead(name string, h found, report func(Fault)) {
	l.mu.Lock()
	id := l.id
	l.mu.Unlock()
	switch {
	case h.copies == 0:
		report(Fault{File: name, What: "neither copy of the head can be read", Err: ErrDamaged})
	case h.copies == 1:
		report(Fault{File: name, What: "one copy of the head cannot be read; the other is good", Err: ErrDamaged})
	case h.log != id:
		report(Fault{File: name, What: fmt.Sprintf("the file is of another log, %s", ledger.Stream(h.stream)), Err: ErrDamaged})
	}
}

func (l *Log) checkStates(ctx context.Context, t *Tally, report func(Fault)) error {
	for _, n := range l.States() {
		if h, err := l.readHead(stateFile, n); err == nil {
			l.judgeHead(stateName(n), h, report)
		}
		l.readState(n,
			func(f frame) bool { t.Bytes += f.length(); return ctx.Err() == nil },
			func(f *Fault) bool { report(*f); return ctx.Err() == nil })
		if err := ctx.Err(); err != nil {
			return err
		}
		t.States++
	}
	return ctx.Err()
}
