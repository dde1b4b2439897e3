package station

import (
	"errors"
	"slices"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// A Second is the other person of an act that takes two (erasing, going back
// to a backup over data, opening an administrator's account): an account that
// has the right too, and its PIN, given on the spot.
type Second struct {
	Account string // id or name
	PIN     string
}

// ErrSecond is the problem code of an act that lacks its second person;
// ErrSameHand of one whose two accounts may be one person.
const (
	ErrSecond   = "second-missing"
	ErrSameHand = "second-same-hand"
)

// handTime is how long whoever made an account, or set its PIN, may be the one
// who uses it: as long as a week's look at the accounts and the audit log may
// take others to see it.
const handTime = 7 * 24 * time.Hour

// NeedSecond checks that a second person agrees: another account with the right
// to erase, by its PIN. A wrong PIN counts as at a sign-in. The answer is the
// account.
//
// Two accounts are not two people where one made the other. So the second is
// none whose PIN somebody else set and whose owner has not changed it yet, and
// for handTime none that the caller made or whose PIN the caller set, nor one
// that made the caller's; whoever had the maker's account in hand counts as its
// maker, and two that one hand made, as one.
//
// The owner of the data directory is one person like any other when it is the
// owner who acts. Accounts that the owner made are two people to each other:
// somebody has to make the first two, and whoever owns the directory has what
// lies in it anyway. So in a new station the owner makes head and administrator
// at the console, each changes the PIN at the first sign-in, and they can act at
// once. What is for the owner alone, such as a restore, is open to the owner with
// either of them while the station itself is younger than handTime.
func (d *Desk) NeedSecond(who Who, s Second) (Who, error) {
	us, err := d.Users()
	if err != nil {
		return Who{}, err
	}
	others := 0
	for _, u := range us {
		if u.ID != who.Account && u.Who().May(RightErase) && u.PIN != "" {
			others++
		}
	}
	if others == 0 {
		return Who{}, typed.Problem{Code: ErrSecond,
			ZH: "这件事要两个人同意,但没有第二个有此权限、设有 PIN 的账号。请先建一个站长或管理员账号。",
			EN: "This takes two people, and there is no second account with this right and a PIN. Make an account for a head or administrator first."}
	}
	if s.Account == "" {
		return Who{}, typed.Problem{Code: ErrSecond,
			ZH: "这件事要两个人同意:请另一位站长或管理员写上姓名并输入 PIN。",
			EN: "This takes two people: have another head or administrator give name and PIN."}
	}
	for _, u := range us {
		if u.ID != s.Account && u.Name != s.Account {
			continue
		}
		if u.ID == who.Account {
			return Who{}, typed.Problem{Code: ErrSecond, ZH: "第二个人要是另一位。", EN: "The second person must be another one."}
		}
		if err := u.Who().need(RightErase); err != nil {
			return Who{}, d.refused(who, u.ID, err)
		}
		if err := d.expired(u); err != nil {
			return Who{}, d.refused(who, u.ID, err)
		}
		d.accounts.Lock()
		defer d.accounts.Unlock()
		if u, err = d.User(u.ID); err != nil {
			return Who{}, err
		}
		if err := d.ownHands(who, u); err != nil {
			return Who{}, d.refused(who, u.ID, err)
		}
		u, err = d.tryPIN(who, u, s.PIN, false)
		return u.Who(), err
	}
	return Who{}, typed.Problem{Code: "user-unknown", ZH: "没有“" + quote(s.Account) + "”这个账号。", EN: "There is no account “" + quote(s.Account) + "”."}
}

// ownHands says why u may be the caller by another name. The accounts are locked.
func (d *Desk) ownHands(who Who, u User) error {
	if u.First {
		return typed.Problem{Code: ErrSameHand,
			ZH: "“" + u.Name + "”的 PIN 是别人设的,本人还没有改过,不能做第二个人。请“" + u.Name + "”先在屏幕上登录,改成自己的 PIN,再来同意。",
			EN: "The PIN of “" + u.Name + "” was set by somebody else and not changed since, so it cannot stand for a second person. Have “" + u.Name + "” sign in on a screen and choose a PIN of their own first."}
	}
	mine := []Hand{{who.Account, time.Time{}}}
	if who.Role == RoleOwner {
		if d.founded().Add(handTime).After(d.now()) {
			return nil
		}
	} else if me, err := d.User(who.Account); err == nil {
		mine = append(mine, d.lately(me.Hands)...)
	} else if !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	theirs := append(d.lately(u.Hands), Hand{u.ID, time.Time{}})
	var until time.Time
	for _, m := range mine {
		for _, t := range theirs {
			if m.By != t.By || m.By == Owner().Account && who.Role != RoleOwner {
				continue
			}
			// The one that ends first parts them.
			end := m.At
			if end.IsZero() || !t.At.IsZero() && t.At.Before(end) {
				end = t.At
			}
			if end = end.Add(handTime); end.After(until) {
				until = end
			}
		}
	}
	if until.IsZero() {
		return nil
	}
	day := until.In(Beijing).Format("2006-01-02 15:04")
	return typed.Problem{Code: ErrSameHand,
		ZH: "“" + u.Name + "”和您的账号在七天内由同一人经手(建账号或设 PIN),可能是同一个人,不能做第二个人。请另一位同意,或等到 " + day + " 以后。",
		EN: "“" + u.Name + "” and your account were in one person's hands within seven days (made, or the PIN set), so the two may be one. Have another person agree, or wait until " + day + "."}
}

// inHand notes that who has the account in hand, and with them whoever lately had
// theirs. The accounts are locked.
func (d *Desk) inHand(who Who, u *User) {
	u.Hands = append(d.lately(u.Hands), Hand{who.Account, d.now()})
	if by, err := d.User(who.Account); err == nil { // the owner has no account
		u.Hands = append(u.Hands, d.lately(by.Hands)...)
	}
}

// lately leaves out what is longer ago than handTime. So it does with what a
// clock that was far ahead has written, which would else bar somebody for years;
// that the clock jumped is in the audit log.
func (d *Desk) lately(all []Hand) []Hand {
	return slices.DeleteFunc(slices.Clone(all), func(h Hand) bool { return d.now().Sub(h.At).Abs() >= handTime })
}

// founded is when the first entry of this desk's own was written; now where there
// is none.
func (d *Desk) founded() time.Time {
	first := d.now()
	heads, err := d.led.Heads()
	if err != nil {
		return time.Time{} // an old station has the stricter rule
	}
	for _, h := range heads {
		if h.Stream.Writer() != d.code() {
			continue
		}
		es, err := d.led.Since(h.Stream, 0, 1)
		if err != nil {
			return time.Time{}
		}
		for _, e := range es {
			if e.At.Before(first) {
				first = e.At
			}
		}
	}
	return first
}

// Unlock opens an account that wrong PINs have locked, with a new PIN, which
// its owner must change. An administrator's takes two people.
func (d *Desk) Unlock(who Who, id, pin string, s Second) error {
	u, err := d.User(id)
	if errors.Is(err, ledger.ErrNotFound) {
		return typed.Problem{Code: "user-unknown", ZH: "没有“" + quote(id) + "”这个账号。", EN: "There is no account “" + quote(id) + "”."}
	}
	if err != nil {
		return err
	}
	if err := who.need(RightUsers); err != nil {
		return err
	}
	note := ""
	if u.Role == RoleAdmin && who.Account != id {
		second, err := d.NeedSecond(who, s)
		if err != nil {
			return err
		}
		note = "with " + second.Account
	}
	return d.setPIN(who, id, "", pin, note)
}

// Admitted says why an account may not go on with what it began: it was removed
// (ledger.ErrNotFound), or its last day has passed (ErrExpired).
func (d *Desk) Admitted(id string) error {
	u, err := d.User(id)
	if err != nil {
		return err
	}
	return d.expired(u)
}

// ErrExpired is the problem code of an account whose last day has passed.
const ErrExpired = "user-expired"

// expired says that an account's last day has passed.
func (d *Desk) expired(u User) error {
	if u.Expires.IsZero() || !d.Today().After(u.Expires) {
		return nil
	}
	return typed.Problem{Code: ErrExpired,
		ZH: "这个账号已到期,请找站长延长。", EN: "This account has expired; ask the head to extend it."}
}

// SetExpires gives an account its last day; zero is none. Those who are signed
// in are put out when it has passed: see clerk.Seats.
func (d *Desk) SetExpires(who Who, id string, last typed.Date) error {
	if err := who.need(RightUsers); err != nil {
		return err
	}
	if who.Account == id {
		return typed.Problem{Code: ErrForbidden, ZH: "自己账号的期限由别人改。", EN: "The last day of one's own account is set by another."}
	}
	d.accounts.Lock()
	defer d.accounts.Unlock()
	u, err := d.User(id)
	if err != nil {
		return err
	}
	u.Expires = last
	return d.putUser(u, d.audit(who, ActUserAdd, u.ID, true, "until "+last.String()))
}
