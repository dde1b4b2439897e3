package door_test

import (
	"io"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"liaison/tui/door/doortest"
)

// turncoat is a key that asks whether another is welcome and then proves its
// own: the client's library marshals a key twice to offer it, and once more
// to sign.
type turncoat struct {
	other, own gossh.Signer
	marshalled int
}

func (k *turncoat) Type() string { return k.own.PublicKey().Type() }

func (k *turncoat) Marshal() []byte {
	if k.marshalled++; k.marshalled <= 2 {
		return k.other.PublicKey().Marshal()
	}
	return k.own.PublicKey().Marshal()
}

func (k *turncoat) Verify(b []byte, s *gossh.Signature) error { return k.own.PublicKey().Verify(b, s) }

func (k *turncoat) PublicKey() gossh.PublicKey { return k }

func (k *turncoat) Sign(r io.Reader, b []byte) (*gossh.Signature, error) { return k.own.Sign(r, b) }

// offerThenProve offers the public half of other's key, which the server
// knows, and proves its own.
func offerThenProve(t *testing.T, addr string, other, own gossh.Signer) *doortest.Terminal {
	t.Helper()
	k := &turncoat{other: other, own: own}
	s := sit(t, addr, k, 80, 24)
	if k.marshalled != 3 {
		t.Fatalf("the key was marshalled %d times: the other one was not offered", k.marshalled)
	}
	return s
}
