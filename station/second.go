package station

import (
	"errors"

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

// ErrSecond is the problem code of an act that lacks its second person.
const ErrSecond = "second-missing"

// NeedSecond checks that a second person agrees: another account with the right
// to erase, by its PIN. A wrong PIN counts as at a sign-in. The owner of the
// data directory is one person like any other. The answer is the account.
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
		u, err = d.tryPIN(who, u, s.PIN, false)
		return u.Who(), err
	}
	return Who{}, typed.Problem{Code: "user-unknown", ZH: "没有“" + quote(s.Account) + "”这个账号。", EN: "There is no account “" + quote(s.Account) + "”."}
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

// expired says that an account's last day has passed.
func (d *Desk) expired(u User) error {
	if u.Expires.IsZero() || !d.Today().After(u.Expires) {
		return nil
	}
	return typed.Problem{Code: "user-expired",
		ZH: "这个账号已到期,请找站长延长。", EN: "This account has expired; ask the head to extend it."}
}

// SetExpires gives an account its last day; zero is none. Those who are signed
// in are put out when it has passed.
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
