package journal

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write golden files that do not exist yet; never changes one")

// goldenFiles are a segment and a state of version 1, as stations hold them.
// Neither the code that makes them here nor the files may change.
func goldenFiles() map[string][]byte {
	made := map[string][]byte{}
	file := func(h head, frames ...frame) {
		h.log = [16]byte([]byte("golden-golden-go"))
		h.created = time.UnixMilli(1795400000000)
		h.stream, h.key = string(station), wrappedKey
		b := h.pages()
		for _, f := range frames {
			b = f.append(b, origin{h.kind, h.number}, int64(len(b)))
		}
		made[fileName(h.kind, h.number)] = b
	}
	file(head{kind: segmentFile, number: 7, first: 41},
		frame{commitFrame, 41, 41, []byte("first")},
		frame{commitFrame, 42, 42, nil},
		frame{catchUpFrame, 43, 50, []byte("all that was missed")})
	file(head{kind: stateFile, number: 40, first: 1},
		frame{partFrame, 1, 1, []byte("one")},
		frame{partFrame, 2, 2, []byte("two")},
		frame{endFrame, 3, 3, nil})
	return made
}

// TestGoldenFiles: today's program writes what the first one did, and reads it.
func TestGoldenFiles(t *testing.T) {
	dir := filepath.Join("testdata", "golden")
	for name, made := range goldenFiles() {
		path := filepath.Join(dir, name)
		frozen, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) && *update {
			frozen, err = made, os.WriteFile(path, made, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(made, frozen) {
			t.Errorf("%s: the layout has changed", name)
		}
	}
	l := mustOpen(t, dir, Options{ReadOnly: true})
	if l.Stream() != station || !bytes.Equal(l.Key(), wrappedKey) || l.Last() != 50 {
		t.Errorf("%s, %q, %d", l.Stream(), l.Key(), l.Last())
	}
	if _, faults := check(t, l); len(faults) > 0 {
		t.Error(faults)
	}
	var got []string
	for f, err := range l.Frames(40) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(f.Payload))
	}
	for part, err := range l.State(40) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(part))
	}
	want := []string{"first", "", "all that was missed", "one", "two"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
}
