package inbox

import (
	"net/http"
	"sync"
	"time"

	"liaison/sync/wire"
)

// strangers counts requests that no station has signed, by source. Beyond its
// share a source is told to wait, in as few bytes as will do and without a line
// in the log for each; its connection is closed. A signature that verifies is
// never held up by what others do behind the same address: checking it costs
// less than remembering who may.
type strangers struct {
	mu   sync.Mutex
	n    int       // turned away since the last line
	last time.Time // of the log
}

// What a source may ask for without a signature: enough for a browser, a
// monitor, and a neighbourhood of stations that have to enrol anew.
const (
	strangerRate  = 2   // a second, lastingly
	strangerBurst = 120 // and at once
	floodEvery    = 10 * time.Second
)

// flood is the answer to a stranger who has asked too often.
type flood struct{ wire.Problem }

func (f flood) Unwrap() error { return f.Problem }

// stranger returns p, the answer to a request that nobody vouches for, or tells
// its source to wait.
func (in *Inbox) stranger(r *http.Request, p error) error {
	now := in.Clock()
	wait := in.counted(in.unsigned, hostOf(r.RemoteAddr), strangerRate, strangerBurst).take(now)
	if wait == 0 {
		return p
	}
	s := &in.floods
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	if now.Sub(s.last).Abs() >= floodEvery {
		in.Logger.Warn("strangers turned away", "code", "C-FLOOD", "source", hostOf(r.RemoteAddr), "requests", s.n)
		s.n, s.last = 0, now
	}
	return flood{wire.NewProblem(wire.TooMany).After(wait)}
}
