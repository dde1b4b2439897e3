package station

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// The lists (名录) and the rules are kept as reference records, one record a
// code. They are written here and nowhere else: tables that are imported by
// putReference, the one record that somebody changes on screen by
// changeReference, both through checked and writeReference.

// putReference checks reference records, writes those that differ from what
// is held, and returns how many it wrote: of two with one code the later. What
// the city has said of a code stays, since the record is the city's. A Problems
// error names the records at fault by their place; then nothing is written.
func putReference[T any](d *Desk, who Who, k ledger.Kind, items []T, check func(*Problems, string, *T), code func(T) string) (int, error) {
	items, err := checked(k, items, check, code)
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.unlockRules()
	return writeReference(d, who, k, items, code)
}

// changeReference writes one record that somebody changed upon was, what the
// list said when they began; nil for a new one. It returns what the list says
// now. ErrStale says that somebody else changed the record meanwhile: then it
// is theirs that is returned, and nothing was written.
func changeReference[T any](d *Desk, who Who, k ledger.Kind, was *T, now T, check func(*Problems, string, *T), code func(T) string) (T, error) {
	d.mu.Lock()
	defer d.unlockRules()
	return changeLocked(d, who, k, was, now, check, code)
}

// changeLocked is changeReference; the desk is locked.
func changeLocked[T any](d *Desk, who Who, k ledger.Kind, was *T, now T, check func(*Problems, string, *T), code func(T) string) (T, error) {
	items, err := checked(k, []T{now}, check, code)
	if err != nil {
		return now, err
	}
	now = items[0]
	rec, held, found, err := heldReference[T](d, k, code(now))
	switch {
	case err != nil:
		return now, err
	case was == nil && found:
		return held, Problems{{string(k) + "[0].code", codeTaken(code(now))}}
	case was != nil && code(*was) != code(now):
		return now, Problems{{string(k) + "[0].code", typed.Problem{Code: "code-fixed",
			ZH: "编号不能改。", EN: "The code cannot be changed."}}}
	case was != nil && (!found || !sameJSON(held, *was)):
		return held, fmt.Errorf("%s %s: %w", k, rec.ID, ledger.ErrStale)
	case was != nil && sameJSON(held, now):
		return held, typed.Problem{Code: "unchanged", ZH: "没有改动。", EN: "Nothing was changed."}
	}
	_, err = writeReference(d, who, k, items, code, d.audit(who, ActList, string(k)+" "+code(now), true, ""))
	return now, err
}

func codeTaken(code string) typed.Problem {
	return typed.Problem{Code: "code-taken",
		ZH: "已经有编号“" + quote(code) + "”,请换一个,或者去更改那一条。", EN: "There is a “" + quote(code) + "” already; take another code, or change that record."}
}

// CheckRecord brings a record of a list into its normal form, as writing it
// does, and writes nothing; the error is Problems, by field.
func CheckRecord[T any](d *Desk, v T) (T, error) {
	var ps Problems
	code := ""
	switch x := any(&v).(type) {
	case *Village:
		checkVillageRecord(&ps, "", x)
		code = x.Code
	case *Category:
		checkCategory(&ps, "", x)
		code = x.Code
	case *Deputy:
		checkDeputy(&ps, "", x)
		code = x.Code
	case *UndertakingUnit:
		checkUnit(&ps, "", x)
		code = x.Code
	case *Leader:
		checkLeader(&ps, "", x)
		code = x.Code
	case *Committee:
		checkCommittee(&ps, "", x)
		code = x.Code
	case *Group:
		d.checkGroup(&ps, "", x)
		code = x.Code
	case *Limit:
		d.checkNewLimit(&ps, "", x)
		code = x.Code
	case *YearCalendar:
		checkYear(&ps, "", x)
		code = x.Code
	case *ResultClass:
		d.checkNewClass(&ps, "", x)
		code = x.Code
	default:
		return v, fmt.Errorf("%T is no record of a list", v)
	}
	ps.add("code", checkCode(code))
	return v, ps.err()
}

// checked checks records and leaves of two with one code the later.
func checked[T any](k ledger.Kind, items []T, check func(*Problems, string, *T), code func(T) string) ([]T, error) {
	var ps Problems
	place := map[string]int{}
	var unique []T
	for i, it := range items {
		at := fmt.Sprintf("%s[%d].", k, i)
		check(&ps, at, &it)
		c := code(it)
		ps.add(at+"code", checkCode(c))
		if n, twice := place[c]; twice {
			unique[n] = it
			continue
		}
		place[c] = len(unique)
		unique = append(unique, it)
	}
	return unique, ps.err()
}

// heldReference reads what counts under a code now.
func heldReference[T any](d *Desk, k ledger.Kind, code string) (rec ledger.Record, held T, found bool, err error) {
	rec, err = d.led.Record(k, ledger.ID(code))
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		rec.ID = ledger.ID(code)
		return rec, held, false, nil
	case err != nil:
		return rec, held, false, err
	}
	held, err = decode[T](rec.Entry)
	return rec, held, true, err
}

// writeReference writes those of the records that differ from what is held,
// and more with the first of them. The desk is locked.
func writeReference[T any](d *Desk, who Who, k ledger.Kind, items []T, code func(T) string, more ...ledger.New) (int, error) {
	now := d.now()
	var news []ledger.New
	for _, it := range items {
		n := ledger.New{Kind: k, ID: ledger.ID(code(it)), At: now, By: who.Account, Seen: d.seen()}
		if rec, err := d.led.Record(k, n.ID); err == nil {
			old, err := decode[T](rec.Entry)
			mine := rec.Stream.Writer() == d.code()
			if !mine && !d.AtCity() || mine && err == nil && sameJSON(old, it) {
				continue
			}
			n.Replaces = rec.Ref
		} else if !errors.Is(err, ledger.ErrNotFound) {
			return 0, err
		}
		body, err := json.Marshal(it)
		if err != nil {
			return 0, err
		}
		n.Body = body
		news = append(news, n)
	}
	done := 0
	for batch := range slices.Chunk(news, 500) {
		if err := d.save(ledger.Change{New: append(batch, more...)}); err != nil {
			return done, err
		}
		done, more = done+len(batch), nil
	}
	return done, nil
}

// ChangeUnit writes a unit that was changed on screen, or a new one where was
// is nil; see changeReference.
func (d *Desk) ChangeUnit(who Who, was *UndertakingUnit, u UndertakingUnit) (UndertakingUnit, error) {
	return changeCity(d, who, KindUnit, was, u, checkUnit, func(v UndertakingUnit) string { return v.Code })
}

// ChangeLeader writes a leader likewise.
func (d *Desk) ChangeLeader(who Who, was *Leader, l Leader) (Leader, error) {
	return changeCity(d, who, KindLeader, was, l, checkLeader, func(v Leader) string { return v.Code })
}

// ChangeCommittee writes a committee likewise.
func (d *Desk) ChangeCommittee(who Who, was *Committee, c Committee) (Committee, error) {
	return changeCity(d, who, KindCommittee, was, c, checkCommittee, func(v Committee) string { return v.Code })
}

// ChangeGroup writes a group likewise.
func (d *Desk) ChangeGroup(who Who, was *Group, g Group) (Group, error) {
	return changeCity(d, who, KindGroup, was, g, d.checkGroup, func(v Group) string { return v.Code })
}

// ChangeDeputy writes a deputy likewise.
func (d *Desk) ChangeDeputy(who Who, was *Deputy, v Deputy) (Deputy, error) {
	return changeCity(d, who, KindDeputy, was, v, checkDeputy, func(v Deputy) string { return v.Code })
}

// changeCity is changeReference with the right that an import asks for; on
// screen that is the city's office alone.
func changeCity[T any](d *Desk, who Who, k ledger.Kind, was *T, now T, check func(*Problems, string, *T), code func(T) string) (T, error) {
	if err := d.needCity(who); err != nil {
		return now, err
	}
	return changeReference(d, who, k, was, now, check, code)
}
