package main

import (
	"bytes"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"liaison/station"
)

// zeros are as many as are asked for; the test is told how many were.
type zeros struct{ left, read int64 }

func (z *zeros) Read(p []byte) (int, error) {
	n := min(int64(len(p)), z.left)
	if n == 0 {
		return 0, io.EOF
	}
	clear(p[:n])
	z.left, z.read = z.left-n, z.read+n
	return int(n), nil
}

// sticks are what lies there of files that came through a pipe.
func (f folder) sticks() []string {
	f.t.Helper()
	names, err := filepath.Glob(filepath.Join(f.dir, stickPrefix+"*"))
	if err != nil {
		f.t.Fatal(err)
	}
	return names
}

// accepts is `accept -` as somebody over SSH gives it.
func (f folder) accepts(k *kiosk, in io.Reader) result {
	f.t.Helper()
	cmd, rest, err := find([]string{"accept", "-"})
	if err != nil {
		f.t.Fatal(err)
	}
	var out, errs bytes.Buffer
	inv := &invocation{cmd: cmd, args: rest, stdin: in, stdout: &out, stderr: &errs, kiosk: k,
		who: station.Who{Account: "u-1", Role: station.RoleAttendant, Door: "ssh"}}
	code := settle(&errs, nil, inv.carryOut(f.t.Context()))
	return result{out.String(), errs.String(), code}
}

// TestZerosOverSSHAreNotKept: what is not sealed to the station is refused by its
// first lines, and nothing of it is written; what is has a limit, and one turn.
func TestZerosOverSSHAreNotKept(t *testing.T) {
	f := newStation(t)
	c := newCity(t, (*httptest.Server).Start)
	f.ok("enroll", c.srv.URL, c.code())
	f.ok("sync")
	k, err := openKiosk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	z := &zeros{left: 300 << 20}
	r := f.accepts(k, z)
	if sentenceOnly(t, r.errs); r.code == 0 || z.read > 1<<20 {
		t.Errorf("%d bytes were read: %+v", z.read, r)
	}
	wants(t, r.errs, "不完整")

	// Sealed to the station, by anybody who knows its key.
	key, err := k.line.key(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pub, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	to, err := agessh.NewEd25519Recipient(pub)
	if err != nil {
		t.Fatal(err)
	}
	var head bytes.Buffer
	if _, err := age.Encrypt(&head, to); err != nil {
		t.Fatal(err)
	}
	z = &zeros{left: 300 << 20}
	r = f.accepts(k, &seen{io.MultiReader(&head, z), func() {
		if left := f.sticks(); len(left) > 0 { // so it goes with the process, even by kill -9
			t.Errorf("it has a name: %q", left)
		}
	}})
	if sentenceOnly(t, r.errs); r.code == 0 || z.read > maxStickSSH+1<<20 {
		t.Errorf("%d bytes were read: %+v", z.read, r)
	}
	wants(t, r.errs, "64 MiB", "本机")

	var bundle bytes.Buffer
	if _, err := c.in.Bundle(t.Context(), "QA01", &bundle, true); err != nil {
		t.Fatal(err)
	}
	k.stick.Lock()
	wants(t, f.accepts(k, bytes.NewReader(bundle.Bytes())).errs, "另一份")
	k.stick.Unlock()
	if r := f.accepts(k, bytes.NewReader(bundle.Bytes())); r.code != 0 || !strings.Contains(r.out, "已收下") {
		t.Errorf("the city's own: %+v", r)
	}
	if r := f.accepts(k, bytes.NewReader(bundle.Bytes())); r.code != 0 { // the turn was given back
		t.Errorf("once more: %+v", r)
	}
}

// seen calls look before each reading.
type seen struct {
	io.Reader
	look func()
}

func (s *seen) Read(p []byte) (int, error) {
	s.look()
	return s.Reader.Read(p)
}

// TestWhatWasLeftOfAStickGoesAtTheStart: an older program was killed while it
// read one.
func TestWhatWasLeftOfAStickGoesAtTheStart(t *testing.T) {
	f := newStation(t)
	if err := os.WriteFile(filepath.Join(f.dir, stickPrefix+"123"), make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	f.ok("status")
	if left := f.sticks(); len(left) > 0 {
		t.Errorf("it still lies there: %q", left)
	}
}
