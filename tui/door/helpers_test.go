package door_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"testing"

	tea "charm.land/bubbletea/v2"
	gossh "golang.org/x/crypto/ssh"

	"liaison/tui/door"
	"liaison/tui/door/doortest"
)

// newKeyFile makes a key that the ssh program can use.
func newKeyFile(t *testing.T, path string) gossh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	block, err := gossh.MarshalPrivateKey(private, "")
	must(t, err)
	must(t, os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	s, err := gossh.NewSignerFromKey(private)
	must(t, err)
	return s
}

// BenchmarkIdleSessions is what 200 screens cost that nobody touches, with
// this test's small model; the program measures its own the same way.
func BenchmarkIdleSessions(b *testing.B) {
	doortest.IdleSessions(b, 200, "user=u1", func(c door.Caller) tea.Model { return page{who: c} })
}
