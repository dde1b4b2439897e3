package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"filippo.io/age"
)

// A Recipient is somebody a backup is sealed to. Its text, age1…, is no secret.
type Recipient struct{ to *age.X25519Recipient }

// ParseRecipient reads what String writes.
func ParseRecipient(s string) (Recipient, error) {
	r, err := age.ParseX25519Recipient(strings.TrimSpace(s))
	if err != nil { // the cause would repeat s, and people take the secret line for this one
		return Recipient{}, errors.New("recipient: want age1 and 58 characters")
	}
	return Recipient{r}, nil
}

func (r Recipient) String() string {
	if r.to == nil {
		return ""
	}
	return r.to.String()
}

// An Identity opens what was sealed to its recipient. It belongs on paper or
// on a stick in a safe, not on the machine that it is there to replace.
type Identity struct{ key *age.X25519Identity }

// NewIdentity makes one.
func NewIdentity() (Identity, error) {
	k, err := age.GenerateX25519Identity()
	if err != nil {
		return Identity{}, fmt.Errorf("new identity: %w", err)
	}
	return Identity{k}, nil
}

// ParseIdentity reads the file that Text writes, or its last line alone.
func ParseIdentity(text []byte) (Identity, error) {
	var found *age.X25519Identity
	for l := range bytes.Lines(text) {
		l = bytes.TrimSpace(l)
		if len(l) == 0 || l[0] == '#' {
			continue
		}
		k, err := age.ParseX25519Identity(string(l))
		if err != nil || found != nil { // the cause would tell part of the secret
			return Identity{}, errors.New("identity: want one line AGE-SECRET-KEY-1 and 58 characters; was it copied by hand?")
		}
		found = k
	}
	if found == nil {
		return Identity{}, errors.New("identity: there is no line AGE-SECRET-KEY-1…")
	}
	return Identity{found}, nil
}

// Recipient is what is to be sealed to so that i opens it.
func (i Identity) Recipient() Recipient {
	if i.key == nil {
		return Recipient{}
	}
	return Recipient{i.key.Recipient()}
}

// Format keeps the secret out of logs whatever the verb.
func (i Identity) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "identity of %s", i.Recipient()) }

// Text is the identity as a file to be printed, or put on a stick and locked
// away. It is a secret. It can be used with the age program, too.
func (i Identity) Text(owner string, at time.Time) []byte {
	if i.key == nil {
		return nil
	}
	return fmt.Appendf(nil, "# %s 备份恢复钥匙，%s\n"+
		"# 请打印或存入 U 盘，锁在别处；机器损坏或被盗时，只有它能恢复数据。不要留在本机。\n"+
		"# Recovery key of %s. Print it or put it on a stick, and lock it away elsewhere: when the\n"+
		"# machine is broken or stolen, nothing else brings the data back. Do not leave it on the machine.\n"+
		"# public key: %s\n%s\n", oneLine(owner), at.Format(time.DateOnly), oneLine(owner), i.Recipient(), i.key)
}

// oneLine keeps a name from breaking out of its comment.
func oneLine(s string) string {
	return strings.Join(strings.Fields(s), " ")
}

func recipients(to []Recipient) ([]age.Recipient, error) {
	var out []age.Recipient
	for _, r := range to {
		if r.to == nil {
			return nil, errors.New("an empty recipient")
		}
		out = append(out, r.to)
	}
	if len(out) == 0 {
		return nil, errors.New("no recipient, so nobody could open it")
	}
	return out, nil
}

// SealBackup returns a writer whose text is sealed to the recipients and
// written to w as an age file. The file is whole only when Close has
// returned without error; w is not closed.
func SealBackup(w io.Writer, to ...Recipient) (io.WriteCloser, error) {
	rs, err := recipients(to)
	if err != nil {
		return nil, fmt.Errorf("seal backup: %w", err)
	}
	out, err := age.Encrypt(w, rs...)
	if err != nil {
		return nil, fmt.Errorf("seal backup: %w", err)
	}
	return out, nil
}

// OpenBackup returns a reader of what was sealed to i. Every byte it gives was
// written by SealBackup; that nothing is missing is known only when it says
// io.EOF. Errors: ErrWrongKey, ErrDamaged (also cut short), and those of r.
func OpenBackup(r io.Reader, i Identity) (io.Reader, error) {
	if i.key == nil {
		return nil, fmt.Errorf("open backup: %w: an empty identity", ErrWrongKey)
	}
	src := &source{r: r}
	text, err := age.Decrypt(src, i.key)
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", src.judge(err))
	}
	return &opened{text, src}, nil
}

// source remembers whether reading itself failed, which is no damage.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func (s *source) judge(err error) error {
	var none *age.NoIdentityMatchError
	switch {
	case s.err != nil:
		return s.err
	case errors.As(err, &none):
		return ErrWrongKey
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

type opened struct {
	text io.Reader
	src  *source
}

func (o *opened) Read(p []byte) (int, error) {
	n, err := o.text.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("read backup: %w", o.src.judge(err))
	}
	return n, err
}
