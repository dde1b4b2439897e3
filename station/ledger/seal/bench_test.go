package seal

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkSealOpen is the cost of sealing and of opening 2 KiB, beside a
// bare write of 4 KiB with a sync, taken in turn on the same machine: the
// ratio is what sealing adds to a durable save.
func BenchmarkSealOpen(b *testing.B) {
	text := make([]byte, 2048)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range text {
		text[i] = byte(r.Uint32())
	}
	aad := []byte("journal\x00QA01/A-benchmark\x00\x00\x00\x00\x00\x00\x00\x00\x07")
	for _, s := range suites {
		v := newVault(b, s)
		sealed := mustSeal(b, v, aad, text)
		for name, f := range map[string]func() error{
			"seal": func() error { _, err := v.Seal(aad, text); return err },
			"open": func() error { _, err := v.Open(aad, sealed); return err },
		} {
			b.Run(fmt.Sprintf("%s/%s", s, name), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					if err := f(); err != nil {
						b.Fatal(err)
					}
				}
				each := float64(b.Elapsed()) / float64(b.N)
				bare := bareWrites(b)
				b.ReportMetric(float64(bare.Nanoseconds())/1000, "bare-µs")
				b.ReportMetric(each/float64(bare), "of-bare")
			})
		}
	}
}

// bareWrites is the median of 200 writes of 4 KiB with a sync each.
func bareWrites(b *testing.B) time.Duration {
	f, err := os.Create(filepath.Join(b.TempDir(), "bare"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	times := make([]time.Duration, 200)
	for i := range times {
		start := time.Now()
		if _, err := f.WriteAt(page, int64(i*len(page))); err != nil {
			b.Fatal(err)
		}
		if err := syncData(f); err != nil {
			b.Fatal(err)
		}
		times[i] = time.Since(start)
	}
	slices.Sort(times)
	return times[len(times)/2]
}

func BenchmarkBlind(b *testing.B) {
	for _, s := range suites {
		v := newVault(b, s)
		b.Run(s.String(), func(b *testing.B) {
			for b.Loop() {
				v.Blind("phone", "13800138000")
			}
		})
	}
}

func BenchmarkPassphrase(b *testing.B) {
	v := newVault(b, AES)
	w := mustWrap(b, v, Passphrase([]byte(phrase)))
	for b.Loop() {
		if _, err := Unlock(w, Passphrase([]byte(phrase))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBackup(b *testing.B) {
	id := newIdentity(b)
	text := make([]byte, 16<<20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		sealedBackup(b, text, id.Recipient(), id.Recipient())
	}
}
