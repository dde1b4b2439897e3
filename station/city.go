package station

import (
	"encoding/json"
	"errors"
	"slices"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// CityCode is the writer of the city's ledger.
const CityCode = ledger.City

// AtCity reports whether this is the city's desk: it reads every station's
// records, and what it writes goes to all stations or to one.
func (d *Desk) AtCity() bool { return d.code() == CityCode }

// Owner is whoever owns this desk's data directory.
func (d *Desk) Owner() Who {
	w := Owner()
	w.City = d.AtCity()
	return w
}

// Stations are the stations that have told their names, by code: at the city
// all of them, at a station itself.
func (d *Desk) Stations() []Info { return d.ref.Load().stations }

// StationName is a station's name, or its code where it has told none.
func (d *Desk) StationName(code string) string {
	for _, s := range d.Stations() {
		if s.Code == code {
			return s.Name
		}
	}
	return code
}

// FindStations ranks the stations against a code, a name, initials or pinyin.
func (d *Desk) FindStations(query string) []Info {
	return ranked(d.Stations(), query, func(s Info) string { return s.Code }, func(s Info) string { return s.Name })
}

// outTo is where an entry that concerns one station is written: at the city
// its stream for that station, at a station its main stream. Seen are the
// heads of the other side's streams which go into the header.
func (d *Desk) outTo(station string) (s ledger.Stream, seen []ledger.Ref) {
	if !d.AtCity() {
		return "", d.seen()
	}
	return d.led.Own().For(station), d.seenOf(station)
}

// seenOf returns the heads of a writer's streams of records: of many, those of
// its latest epochs.
func (d *Desk) seenOf(writer string) []ledger.Ref {
	heads, err := d.led.Heads()
	if err != nil {
		return nil // the header may say less; it must not stop a reception
	}
	var out []ledger.Ref
	for _, h := range heads {
		if h.Stream.Writer() == writer && h.Seq > 0 && !AuditStream(h.Stream) {
			out = append(out, ledger.Ref{Stream: h.Stream, Seq: h.Seq})
		}
	}
	slices.SortStableFunc(out, func(a, b ledger.Ref) int {
		switch {
		case a.Stream.Later(b.Stream):
			return -1
		case b.Stream.Later(a.Stream):
			return 1
		}
		return 0
	})
	return out[:min(len(out), ledger.MaxSeen)]
}

// needLists asks for the right to write the city's lists: at the city that of
// its office, at a station that of a local import, which gives way to what the
// city says of the same codes.
func (d *Desk) needLists(who Who) error {
	if d.AtCity() {
		return who.need(RightRules)
	}
	return who.need(RightImport)
}

// needCity refuses at a station what is the city's alone to say.
func (d *Desk) needCity(who Who) error {
	if !d.AtCity() {
		return typed.Problem{Code: "city-only",
			ZH: "这些由市里维护,同步后自动到站。", EN: "The city keeps these; they come with the sync."}
	}
	return who.need(RightRules)
}

// KindCount says how many records of a kind there are.
type KindCount struct {
	Kind  ledger.Kind
	Count int
}

// OtherKinds counts the records of kinds that this program does not know. They
// passed through untouched, and are shown as 其他记录: a newer program on the
// other side wrote them.
func (d *Desk) OtherKinds() ([]KindCount, error) {
	l := d.led
	if h, ok := l.(*heard); ok {
		l = h.Ledger
	}
	lister, ok := l.(interface{ Kinds() ([]ledger.Kind, error) })
	if !ok {
		return nil, nil
	}
	all, err := lister.Kinds()
	if err != nil {
		return nil, err
	}
	var out []KindCount
	for _, k := range all {
		if Known(k) {
			continue
		}
		n := KindCount{Kind: k}
		if err := d.led.Each(k, func(ledger.Entry) error { n.Count++; return nil }); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// Known reports whether this program knows a kind.
func Known(k ledger.Kind) bool {
	return slices.ContainsFunc(kinds, func(x kind) bool { return x.name == k })
}

// SaysAlready reports whether what counts under a code of a list is exactly
// this, and one's own side's: putting it again would write nothing.
func (d *Desk) SaysAlready(k ledger.Kind, code string, v any) bool {
	rec, err := d.led.Record(k, ledger.ID(code))
	if err != nil || rec.Absent() {
		return false
	}
	if rec.Stream.Writer() != d.code() {
		return !d.AtCity() // the city's stays
	}
	body, err := json.Marshal(v)
	return err == nil && string(body) == string(rec.Body)
}

// Strange counts by station the records of kinds that this program does not
// know: a newer program runs there.
func (d *Desk) Strange() (map[string]int, error) {
	out := map[string]int{}
	others, err := d.OtherKinds()
	for _, k := range others {
		err = errors.Join(err, d.led.Each(k.Kind, func(e ledger.Entry) error { out[e.Stream.Writer()]++; return nil }))
	}
	return out, err
}
