package inbox

import (
	"sync"
	"time"
)

// bucket lets through burst at once and rate a second lastingly.
type bucket struct {
	mu          sync.Mutex
	rate, burst float64
	left        float64
	at          time.Time
}

func newBucket(rate float64, burst int) *bucket {
	return &bucket{rate: rate, burst: float64(burst), left: float64(burst)}
}

// take uses one up, or returns how long to wait for it.
func (b *bucket) take(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if wait := b.wait(now); wait > 0 {
		return wait
	}
	b.left--
	return 0
}

// empty returns how long to wait until there is one, and uses none up.
func (b *bucket) empty(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wait(now)
}

func (b *bucket) wait(now time.Time) time.Duration {
	if passed := now.Sub(b.at); passed > 0 { // a clock set back gives nothing and takes nothing
		b.left = min(b.burst, b.left+passed.Seconds()*b.rate)
	}
	b.at = now
	if b.left >= 1 {
		return 0
	}
	return time.Duration((1 - b.left) / b.rate * float64(time.Second))
}
