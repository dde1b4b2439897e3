package station

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// A User is an account of this machine. Accounts are local: they never
// travel, and entries name them by ID only.
type User struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Role   Role      `json:"role"`
	Deputy string    `json:"deputy,omitempty"` // code, for deputies
	Keys   []UserKey `json:"keys,omitempty"`
	PIN    string    `json:"pin,omitempty"` // Argon2id, PHC string form; "" means none
	Fails  int       `json:"fails,omitempty"`
	Until  time.Time `json:"until,omitzero"` // no sign-in before
	Made   time.Time `json:"made"`
	// First says that somebody else set the PIN: it must be changed at the
	// next sign-in.
	First bool `json:"first,omitempty"`
	// Hands are those who lately made the account or set its PIN, which is to
	// say who could sign in to it: see NeedSecond. An older account has none.
	Hands   []Hand     `json:"hands,omitempty"`
	Expires typed.Date `json:"expires,omitzero"` // last day of the account; zero: none
	City    bool       `json:"-"`                // an account of the city's machine
}

// A Hand is one who had an account in hand: gave it its key or PIN, or so gave
// those of whoever did.
type Hand struct {
	By string    `json:"by"` // account
	At time.Time `json:"at"`
}

// A UserKey is an SSH public key that signs a user in.
type UserKey struct {
	Fingerprint string `json:"fingerprint"` // SHA256:…
	Comment     string `json:"comment,omitempty"`
}

// Who is the user as an actor.
func (u User) Who() Who {
	return Who{Account: u.ID, Name: u.Name, Role: u.Role, Deputy: u.Deputy, City: u.City}
}

const userPrefix = "user/"

// Users returns the accounts by name.
func (d *Desk) Users() ([]User, error) {
	ls, err := d.led.Locals(userPrefix)
	if err != nil {
		return nil, err
	}
	var out []User
	for _, l := range ls {
		var u User
		if err := json.Unmarshal(l.Value, &u); err != nil {
			return nil, fmt.Errorf("account %s: %w", l.Name, err)
		}
		u.City = d.AtCity()
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b User) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// User returns an account by id.
func (d *Desk) User(id string) (User, error) {
	var u User
	b, err := d.led.Local(userPrefix + id)
	if err != nil {
		return u, err
	}
	err = json.Unmarshal(b, &u)
	u.City = d.AtCity()
	return u, err
}

// UserByKey returns the account that a public key's fingerprint belongs to.
func (d *Desk) UserByKey(fingerprint string) (User, bool) {
	us, err := d.Users()
	if err != nil {
		d.log.Error("read accounts", "code", "E-USERS", "err", err)
		return User{}, false
	}
	for _, u := range us {
		if slices.ContainsFunc(u.Keys, func(k UserKey) bool { return k.Fingerprint == fingerprint }) {
			return u, d.expired(u) == nil
		}
	}
	return User{}, false
}

// putUser keeps an account, and what was done to it in the same commit.
func (d *Desk) putUser(u User, acts ...ledger.New) error {
	b, err := json.Marshal(u)
	if err != nil {
		return err
	}
	return d.save(ledger.Change{New: acts, Local: []ledger.Local{{Name: userPrefix + u.ID, Value: b}}})
}

// AddUser makes an account. pin may be empty where there is a key; u.First says
// that it is somebody else who typed it.
func (d *Desk) AddUser(who Who, u User, pin string) (User, error) {
	if err := who.need(RightUsers); err != nil {
		return u, err
	}
	var ps Problems
	pin = typed.Fold(pin)
	u.PIN, u.Fails, u.Until = "", 0, time.Time{}
	u.Name = ps.text("name", u.Name, 20)
	u.Deputy = ps.text("deputy", typed.Fold(u.Deputy), maxCode)
	u.Keys = slices.Clone(u.Keys)
	for i := range u.Keys {
		u.Keys[i].Fingerprint = ps.text("key", u.Keys[i].Fingerprint, maxLine)
		u.Keys[i].Comment = ps.text("key", u.Keys[i].Comment, maxLine)
	}
	if u.Name == "" {
		ps.add("name", &typed.Problem{Code: "name-missing", ZH: "请填姓名。", EN: "Give a name."})
	}
	ps.add("role", d.Roles().check(string(u.Role)))
	if pin == "" && len(u.Keys) == 0 {
		ps.add("pin", &typed.Problem{Code: "credential-missing",
			ZH: "账号要有 PIN 或 SSH 公钥,至少一样。", EN: "An account needs a PIN or an SSH public key."})
	}
	if pin != "" {
		if p := CheckPINForm(pin); p != nil {
			ps.add("pin", p)
		}
	}
	if err := ps.err(); err != nil {
		return u, err
	}
	d.accounts.Lock()
	defer d.accounts.Unlock()
	us, err := d.Users()
	if err != nil {
		return u, err
	}
	for _, x := range us {
		if x.Name == u.Name {
			return u, Problems{{"name", typed.Problem{Code: "name-taken",
				ZH: "已经有叫“" + u.Name + "”的账号。", EN: "There is an account named “" + u.Name + "” already."}}}
		}
		for _, k := range u.Keys {
			if slices.ContainsFunc(x.Keys, func(y UserKey) bool { return y.Fingerprint == k.Fingerprint }) {
				return u, Problems{{"key", typed.Problem{Code: "key-taken",
					ZH: "这把公钥已属于“" + x.Name + "”。", EN: "This key belongs to “" + x.Name + "” already."}}}
			}
		}
	}
	id := make([]byte, 4)
	if _, err := rand.Read(id); err != nil {
		return u, err
	}
	u.ID, u.Made, u.City = "u-"+hex.EncodeToString(id), d.now(), d.AtCity()
	u.Hands = nil
	d.inHand(who, &u)
	if pin != "" {
		u.PIN = hashPIN(pin)
	}
	return u, d.putUser(u, d.audit(who, ActUserAdd, u.ID, true, string(u.Role)))
}

// RemoveUser deletes an account. What it recorded stays, under its id. The
// last one who may manage users cannot be removed except by the owner.
func (d *Desk) RemoveUser(who Who, id string) error {
	if err := who.need(RightUsers); err != nil {
		return err
	}
	d.accounts.Lock()
	defer d.accounts.Unlock()
	us, err := d.Users()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(us, func(u User) bool { return u.ID == id })
	if i < 0 {
		i = slices.IndexFunc(us, func(u User) bool { return u.Name == id })
	}
	if i < 0 {
		return typed.Problem{Code: "user-unknown", ZH: "没有“" + quote(id) + "”这个账号。", EN: "There is no account “" + quote(id) + "”."}
	}
	others := slices.ContainsFunc(us, func(u User) bool { return u.ID != us[i].ID && u.Who().May(RightUsers) })
	if us[i].Who().May(RightUsers) && !others && who.Role != RoleOwner {
		return typed.Problem{Code: "last-manager",
			ZH: "这是最后一个能管理账号的人,不能删除。", EN: "This is the last account that can manage users."}
	}
	return d.save(ledger.Change{New: []ledger.New{d.audit(who, ActUserDrop, us[i].ID, true, string(us[i].Role))},
		Local: []ledger.Local{{Name: userPrefix + us[i].ID}}})
}

// CheckPINForm holds PINs to 4 to 12 digits that are not one digit repeated
// or a plain run.
func CheckPINForm(pin string) *typed.Problem {
	n := utf8.RuneCountInString(pin)
	if n < 4 || n > 12 || strings.Trim(pin, "0123456789") != "" {
		return &typed.Problem{Code: "pin-form", ZH: "PIN 应为 4 到 12 位数字。", EN: "A PIN has 4 to 12 digits."}
	}
	if strings.Trim(pin, pin[:1]) == "" || strings.Contains("01234567890", pin) || strings.Contains("09876543210", pin) {
		return &typed.Problem{Code: "pin-weak", ZH: "这个 PIN 太容易猜到。", EN: "This PIN is too easy to guess."}
	}
	return nil
}

// SetPIN gives an account a new PIN, and opens it again if wrong tries had
// locked it. One may change one's own knowing the old one, if there is one; a
// head's is reset by the owner of the data directory, others' by whoever
// manages users.
func (d *Desk) SetPIN(who Who, id, old, pin string) error {
	if u, err := d.User(id); err == nil && u.Role == RoleAdmin && who.Account != id {
		if _, err := d.NeedSecond(who, Second{}); err != nil {
			return err // an administrator's takes two: see Unlock
		}
	}
	return d.setPIN(who, id, old, pin, "")
}

// setPIN is SetPIN once it is settled that who may; note goes to the audit log.
func (d *Desk) setPIN(who Who, id, old, pin, note string) error {
	pin = typed.Fold(pin)
	if p := CheckPINForm(pin); p != nil {
		return Problems{{"pin", *p}}
	}
	if who.Account != id {
		if err := who.need(RightUsers); err != nil {
			return err
		}
	}
	d.accounts.Lock()
	defer d.accounts.Unlock()
	u, err := d.User(id)
	if err != nil {
		return err
	}
	if who.Account == id && u.PIN != "" {
		if u, err = d.tryPIN(who, u, old, false); err != nil {
			return err
		}
	}
	if who.Account != id && u.Role == RoleHead && who.Role != RoleOwner {
		return typed.Problem{Code: ErrForbidden,
			ZH: "站长的 PIN 由本机管理者用命令重设:kiosk user pin。", EN: "A head's PIN is reset by the owner of this machine: kiosk user pin."}
	}
	u.PIN, u.Fails, u.Until = hashPIN(pin), 0, time.Time{}
	if u.First = who.Account != id; u.First { // somebody else knows it
		d.inHand(who, &u)
	}
	return d.putUser(u, d.audit(who, ActUserPIN, u.ID, true, note))
}

// pinTries is how many wrong PINs in a row an account stands before it waits.
const pinTries = 5

// CheckPIN signs an account in. After pinTries wrong ones it waits 10 minutes
// longer each time; the counter survives a restart. Tries are taken one after
// the other, so that many at once count as many. By says through which door;
// each try is audited, the first good one as a sign-in.
func (d *Desk) CheckPIN(by Who, id, pin string) (User, error) {
	d.accounts.Lock()
	defer d.accounts.Unlock()
	u, err := d.User(id)
	if errors.Is(err, ledger.ErrNotFound) {
		return u, d.refused(by, brief(id), wrongPIN(pinTries-1))
	}
	if err != nil {
		return u, err
	}
	if err := d.expired(u); err != nil {
		return u, d.refused(by, u.ID, err)
	}
	return d.tryPIN(by, u, pin, true)
}

// tryPIN compares and counts; signIn says that a right one opens a session and
// is audited as that. The accounts are locked.
func (d *Desk) tryPIN(by Who, u User, pin string, signIn bool) (User, error) {
	now := d.now()
	as := u.Who()
	as.Door, as.Remote = by.Door, by.Remote
	if wait := pinWait(u.Fails); u.Until.Sub(now) > wait { // the clock was ahead when this was written
		u.Until = now.Add(wait)
		if err := d.putUser(u); err != nil {
			return u, err
		}
	}
	if now.Before(u.Until) {
		return u, d.refused(as, u.ID, lockedPIN(u.Until.Sub(now)))
	}
	if u.PIN != "" && verifyPIN(u.PIN, typed.Fold(pin)) {
		u.Fails, u.Until = 0, time.Time{}
		if !signIn {
			return u, d.putUser(u)
		}
		return u, d.putUser(u, d.audit(as, ActSignIn, u.ID, true, ""))
	}
	u.Fails++
	refusal := wrongPIN(pinTries - u.Fails)
	if wait := pinWait(u.Fails); wait > 0 {
		u.Until = now.Add(wait)
		refusal = lockedPIN(wait)
	}
	if err := d.putUser(u, d.audit(as, ActRefused, u.ID, false, Say(refusal).Code)); err != nil {
		return u, err
	}
	return u, refusal
}

// pinWait is how long an account waits after so many wrong PINs in a row; a
// day at most.
func pinWait(fails int) time.Duration {
	if fails < pinTries {
		return 0
	}
	return min(time.Duration(fails-pinTries+1)*10*time.Minute, 24*time.Hour)
}

func lockedPIN(left time.Duration) error {
	n := int((left + time.Minute - 1) / time.Minute)
	return typed.Problem{Code: "pin-locked",
		ZH: fmt.Sprintf("输错次数太多,请 %d 分钟后再试,或请站长重设。", n),
		EN: fmt.Sprintf("Too many wrong tries. Try again in %d minutes, or have the head reset the PIN.", n)}
}

func wrongPIN(left int) error {
	return typed.Problem{Code: "pin-wrong",
		ZH: fmt.Sprintf("PIN 不对,还可以试 %d 次。", left), EN: fmt.Sprintf("Wrong PIN; %d tries left.", left)}
}

// Argon2id as OWASP advises for small machines: 19 MiB, two passes.
const (
	pinMemory = 19 << 10
	pinTime   = 2
)

func hashPIN(pin string) string {
	salt := make([]byte, 16)
	rand.Read(salt)
	sum := argon2.IDKey([]byte(pin), salt, pinTime, pinMemory, 1, 32)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, pinMemory, pinTime, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

// verifyPIN compares in constant time; a hash it cannot read matches nothing.
func verifyPIN(hash, pin string) bool {
	p := strings.Split(hash, "$")
	if len(p) != 6 || p[1] != "argon2id" {
		return false
	}
	var version int
	var m, t uint32
	if _, err := fmt.Sscanf(p[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false
	}
	if _, err := fmt.Sscanf(p[3], "m=%d,t=%d,p=1", &m, &t); err != nil || m > 1<<20 || t > 16 || t == 0 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(p[4])
	want, err2 := base64.RawStdEncoding.DecodeString(p[5])
	if err1 != nil || err2 != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(pin), salt, t, m, 1, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}
