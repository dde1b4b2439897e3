package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/sync/inbox"
)

// Which keys count is kept among the ledger's settings, so a backup knows
// nothing of what was revoked or exchanged after it: gone back to, it would let
// a stolen key in again. A restore over data that can be read therefore carries
// what stands there over into what takes its place:
//
//	read     the stations' keys as they are          → keptKeys, sealed to the city's own key
//	restore  the backup takes the ledger's name
//	open     keptKeys is put into whatever ledger is there, and removed
//
// Whenever the power goes, the next open does the last step; before the second it
// changes nothing.

// keptKeys is the file that stands between the two in the data directory.
const keptKeys = "keys.kept"

// Where the inbox keeps stations' keys and codes: see its package comment.
const (
	localStation = "station/"
	localCode    = "enrol/"
)

// keyring is what a restore carries over.
type keyring struct {
	Epochs []string                   `json:"epochs"` // of the city's own: whose keys they are
	Keys   map[string]json.RawMessage `json:"keys"`   // by station
	Codes  map[string][]byte          `json:"codes"`  // open ones, likewise
}

// keyRecord is what matters here of a station's record.
type keyRecord struct {
	Key     []byte          `json:"key"`
	Since   time.Time       `json:"since"`
	Revoked time.Time       `json:"revoked,omitzero"`
	Keys    []inbox.KeyStep `json:"keys,omitempty"`
}

// last is when something last happened to the key.
func (r keyRecord) last() time.Time {
	at := r.Since
	if r.Revoked.After(at) {
		at = r.Revoked
	}
	if n := len(r.Keys); n > 0 && r.Keys[n-1].At.After(at) {
		at = r.Keys[n-1].At
	}
	return at
}

// goesOn reports that r's history is the other's and more.
func (r keyRecord) goesOn(other keyRecord) bool {
	return len(r.Keys) > len(other.Keys) && slices.EqualFunc(r.Keys[:len(other.Keys)], other.Keys, sameStep)
}

func sameStep(a, b inbox.KeyStep) bool { return a.At.Equal(b.At) && a.What == b.What && a.Key == b.Key }

// ownEpochs are those in which the city has written to this ledger: made anew
// with each file and each restore, so that two cities have none in common.
func (c *city) ownEpochs() ([]string, error) {
	heads, err := c.led.Heads()
	var out []string
	for _, h := range heads {
		if e := h.Stream.Epoch(); h.Stream.Writer() == writer && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out, err
}

// keys reads the stations' keys and codes.
func (c *city) keys() (k keyring, err error) {
	if k.Epochs, err = c.ownEpochs(); err != nil {
		return k, err
	}
	k.Keys, k.Codes = map[string]json.RawMessage{}, map[string][]byte{}
	all, err := c.led.Locals(localStation)
	if err != nil {
		return k, err
	}
	for _, l := range all {
		k.Keys[strings.TrimPrefix(l.Name, localStation)] = l.Value
	}
	codes, err := c.led.Locals(localCode)
	for _, l := range codes {
		k.Codes[strings.TrimPrefix(l.Name, localCode)] = l.Value
	}
	return k, err
}

// keepKeys writes what is to be carried over, durably.
func (c *city) keepKeys() error {
	k, err := c.keys()
	if err != nil {
		return err
	}
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	pub, err := ssh.NewPublicKey(c.key.Public())
	if err != nil {
		return err
	}
	to, err := agessh.NewEd25519Recipient(pub)
	if err != nil {
		return err
	}
	inv := invocation{dir: c.dir}
	return inv.create(keptKeys, func(w io.Writer) error {
		out, err := age.Encrypt(w, to)
		if err == nil {
			_, err = out.Write(text)
		}
		if err == nil {
			err = out.Close()
		}
		return err
	})
}

// readKept reads what a restore left; ok is false where there is nothing.
func (c *city) readKept(path string) (k keyring, ok bool, err error) {
	sealed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return k, false, nil
	}
	var text []byte
	if err == nil {
		var id *agessh.Ed25519Identity
		if id, err = agessh.NewEd25519Identity(c.key); err == nil {
			var in io.Reader
			if in, err = age.Decrypt(bytes.NewReader(sealed), id); err == nil {
				text, err = io.ReadAll(in)
			}
		}
	}
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err != nil {
		return k, false, refuse(err, "恢复时留下的 %[1]s 读不出来,里面是备份以后吊销过的密钥。请把签名密钥放回原处再试;读不出来就删除它,再用 city revoke 重新吊销", "what a restore left in %[1]s cannot be read; it holds which keys were revoked since the backup. Put the signing key back in its place and try again; or delete the file, and repeat city revoke", path)
	}
	return k, true, nil
}

// A carried is what differs for a station between a backup and what stood there.
type carried struct {
	station string
	said    station.Text
}

// carryKeys ends a restore: what keepKeys wrote goes into the ledger.
func (c *city) carryKeys(ctx context.Context) error {
	path := filepath.Join(c.dir, keptKeys)
	was, ok, err := c.readKept(path)
	if err != nil || !ok {
		return err
	}
	now, err := c.keys()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(was.Epochs, func(e string) bool { return slices.Contains(now.Epochs, e) }) {
		change, told, err := merge(was, now)
		if err != nil {
			return err
		}
		if len(change) > 0 {
			if _, err := c.led.Commit(ctx, ledger.Change{Local: change}); err != nil {
				return err
			}
		}
		c.carried, c.carriedOver = told, true
		for _, x := range told {
			c.log.Warn("a restore kept the keys of before", "code", "C-KEPT", "station", x.station, "what", x.said.EN)
		}
	}
	return os.Remove(path)
}

// merge says what is to be changed in the ledger that is there now.
func merge(was, now keyring) (change []ledger.Local, told []carried, err error) {
	for code, raw := range was.Keys {
		next, said, err := mergeRecord(raw, now.Keys[code])
		if err != nil {
			return nil, nil, fmt.Errorf("the key of %s: %w", code, err)
		}
		if said != (station.Text{}) {
			told = append(told, carried{code, said})
		}
		if next != nil {
			change = append(change, ledger.Local{Name: localStation + code, Value: next})
		}
		if _, open := was.Codes[code]; !open && now.Codes[code] != nil { // it was used, or revoked with the key
			change = append(change, ledger.Local{Name: localCode + code})
		}
	}
	for code, open := range was.Codes {
		if !bytes.Equal(open, now.Codes[code]) {
			change = append(change, ledger.Local{Name: localCode + code, Value: open})
		}
	}
	slices.SortFunc(told, func(a, b carried) int { return cmp.Compare(a.station, b.station) })
	return change, told, nil
}

// mergeRecord returns a station's record as it is to stand, nil where the one in
// the ledger stays, and what there is to say. The longer history goes on: it is
// the other's and more. Where each knows something that the other does not, the
// later one counts, with what both know: a key that was spent stays spent.
func mergeRecord(before, restored json.RawMessage) (json.RawMessage, station.Text, error) {
	var was, now keyRecord
	if err := json.Unmarshal(before, &was); err != nil {
		return nil, station.Text{}, err
	}
	if restored == nil {
		return before, station.Text{ZH: "备份以后才登记,仍然有效", EN: "enrolled since the backup; it stays so"}, nil
	}
	if err := json.Unmarshal(restored, &now); err != nil {
		return nil, station.Text{}, err
	}
	said := station.Text{ZH: "备份以后换过密钥,仍认现在的这一把", EN: "its key was exchanged since the backup; the present one goes on counting"}
	switch {
	case !was.Revoked.IsZero() && now.Revoked.IsZero():
		day := was.Revoked.In(station.Beijing).Format("2006-01-02 15:04")
		said = station.Text{ZH: "密钥已于 " + day + " 吊销,恢复后仍不收", EN: "its key was revoked on " + day + " and stays so"}
	case bytes.Equal(was.Key, now.Key) && was.Revoked.IsZero() == now.Revoked.IsZero():
		said = station.Text{}
	}
	switch {
	case now.goesOn(was), slices.EqualFunc(was.Keys, now.Keys, sameStep) && !was.last().After(now.last()):
		return nil, station.Text{}, nil
	case was.goesOn(now), slices.EqualFunc(was.Keys, now.Keys, sameStep):
		return before, said, nil
	}
	base, winner := before, was
	if now.last().After(was.last()) {
		base, winner = restored, now
		said = station.Text{ZH: "密钥的经过与备份里不同,已合并:两边用过或吊销过的都不再收", EN: "the history of its keys differs from the backup's; the two were put together, and no key that either had spent counts"}
	}
	steps := slices.Concat(was.Keys, now.Keys)
	slices.SortStableFunc(steps, func(a, b inbox.KeyStep) int { return a.At.Compare(b.At) })
	steps = slices.CompactFunc(steps, sameStep)
	fields := map[string]json.RawMessage{}
	err := json.Unmarshal(base, &fields)
	if err == nil {
		fields["keys"], err = json.Marshal(steps)
	}
	if err == nil && winner.Revoked.IsZero() && (!was.Revoked.IsZero() && bytes.Equal(was.Key, winner.Key) || !now.Revoked.IsZero() && bytes.Equal(now.Key, winner.Key)) {
		fields["revoked"], err = json.Marshal(cmp.Or(was.Revoked, now.Revoked))
	}
	if err != nil {
		return nil, said, err
	}
	out, err := json.Marshal(fields)
	return out, said, err
}

// tellKeys says whose key a restore let in again, or what it carried over.
func (c *city) tellKeys(w io.Writer) error {
	for _, x := range c.carried {
		if _, err := fmt.Fprintf(w, "%[1]s:%[2]s / %[1]s: %[3]s\n", x.station, x.said.ZH, x.said.EN); err != nil {
			return err
		}
	}
	if c.carriedOver {
		return nil
	}
	list, err := c.in.Stations()
	if err != nil {
		return err
	}
	var in []string
	for _, s := range list {
		if len(s.Keys) > 0 && s.Revoked.IsZero() {
			in = append(in, s.Code)
		}
	}
	if len(in) == 0 {
		return nil
	}
	_, err = fmt.Fprintf(w, "备份以后吊销或换过哪些密钥,已读不到。现在能接入的站:%[1]s。备份以后吊销过的,请立即重新运行 city revoke 站点编号 / which keys were revoked or exchanged since the backup cannot be read any more. Let in are: %[1]s. Those that were revoked since must be revoked again at once with city revoke STATION\n", strings.Join(in, " "))
	return err
}
