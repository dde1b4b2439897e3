package station

import (
	"slices"

	"liaison/station/typed"
)

// A Role is what a user is at the station.
type Role string

// Roles; DOMAIN 1.2. RoleOwner is whoever owns the data directory on the
// machine itself and needs no sign-in.
const (
	RoleAttendant Role = "attendant"
	RoleDeputy    Role = "deputy"
	RoleHead      Role = "head"
	RoleTown      Role = "town"
	RoleCity      Role = "city"
	RoleAuditor   Role = "auditor"
	RoleAdmin     Role = "admin"
	RoleOwner     Role = "owner"
	RoleLeader    Role = "leader" // at the city: reads
)

// Roles are those an account may have.
var Roles = Terms{
	{string(RoleAttendant), "1", Text{"联络员", "Attendant"}},
	{string(RoleDeputy), "2", Text{"代表", "Deputy"}},
	{string(RoleHead), "3", Text{"站长", "Head"}},
	{string(RoleTown), "4", Text{"镇街人大", "Town"}},
	{string(RoleAdmin), "5", Text{"系统管理员", "Administrator"}},
	{string(RoleCity), "6", Text{"市人大代表工委", "City"}},
	{string(RoleAuditor), "7", Text{"审计员", "Auditor"}},
}

// CityRoles are those an account at the city may have.
var CityRoles = Terms{
	{string(RoleCity), "1", Text{"市人大工作人员", "City office"}},
	{string(RoleLeader), "2", Text{"市人大领导", "City leader"}},
	{string(RoleAdmin), "3", Text{"系统管理员", "Administrator"}},
	{string(RoleAuditor), "4", Text{"审计员", "Auditor"}},
}

// Roles are those that accounts of this desk may have.
func (d *Desk) Roles() Terms {
	if d.AtCity() {
		return CityRoles
	}
	return Roles
}

// A Right is one thing a role may do.
type Right string

// Rights.
const (
	RightRecord     Right = "record"      // record receptions
	RightCorrectOwn Right = "correct-own" // correct and void what one recorded
	RightCorrectAll Right = "correct-all"
	RightSeeAll     Right = "see-all" // read every reception
	RightSeeOwn     Right = "see-own" // read those that concern one
	RightSession    Right = "session" // open, change, close sessions
	RightImport     Right = "import"
	RightExport     Right = "export"
	RightSync       Right = "sync" // run a sync, join a city where there is none yet
	RightJoin       Right = "join" // join anew where there is one: see cmd/kiosk for another city
	RightUsers      Right = "users"
	RightSettings   Right = "settings"
	RightBackup     Right = "backup"  // backup, restore, check, reindex
	RightStatus     Right = "status"  // state of ledger and sync: counts, no content
	RightAudit      Right = "audit"   // read the audit log
	RightErase      Right = "erase"   // erase a person, with a second person
	RightGuests     Right = "guests"  // see who is connected, end a session
	RightLetters    Right = "letters" // read notices and letters of the city
	RightAnswer     Right = "answer"  // answer them for the station
	RightRules      Right = "rules"   // at the city: roster, units, limits, classes, calendars, notices
)

// What is done at a station alone, and what at the city alone, whoever one is.
var (
	stationRights = []Right{RightRecord, RightCorrectOwn, RightCorrectAll, RightSession, RightSync, RightJoin, RightImport, RightAnswer}
	cityRights    = []Right{RightRules}
)

// rights is the one table; every door asks it.
var rights = map[Role][]Right{
	RoleAttendant: {RightRecord, RightCorrectOwn, RightSeeAll, RightSession, RightSync, RightStatus, RightExport, RightLetters, RightAnswer},
	RoleDeputy:    {RightSeeOwn, RightStatus, RightLetters},
	RoleHead:      {RightRecord, RightCorrectOwn, RightCorrectAll, RightSeeAll, RightSession, RightSync, RightJoin, RightStatus, RightImport, RightExport, RightUsers, RightSettings, RightErase, RightGuests, RightLetters, RightAnswer},
	RoleTown:      {RightSeeAll, RightStatus, RightExport, RightLetters, RightAnswer},
	RoleCity:      {RightSeeAll, RightStatus, RightExport, RightLetters, RightRules},
	RoleLeader:    {RightSeeAll, RightStatus, RightLetters},
	RoleAuditor:   {RightAudit, RightStatus},
	RoleAdmin:     {RightUsers, RightSettings, RightBackup, RightSync, RightJoin, RightStatus, RightErase, RightGuests},
	RoleOwner: {RightRecord, RightCorrectOwn, RightCorrectAll, RightSeeAll, RightSession, RightSync, RightJoin, RightStatus, RightImport, RightExport,
		RightUsers, RightSettings, RightBackup, RightAudit, RightErase, RightGuests, RightLetters, RightAnswer, RightRules},
}

// Who acts: an account, and for deputies the code they go by.
type Who struct {
	Account string
	Name    string
	Role    Role
	Deputy  string
	Door    string // screen, ssh, command: by which way in
	Remote  string // from where
	City    bool   // acts at the city
}

// Owner is whoever owns the data directory.
func Owner() Who { return Who{Account: "owner", Name: "本机", Role: RoleOwner} }

// May reports whether the table gives w this right where w acts.
func (w Who) May(r Right) bool {
	elsewhere := cityRights
	if w.City {
		elsewhere = stationRights
	}
	return slices.Contains(rights[w.Role], r) && !slices.Contains(elsewhere, r)
}

// RoleText names a role for a person.
func (w Who) RoleText() Text {
	if w.Role == RoleOwner {
		return Text{"本机", "This machine"}
	}
	if w.City || w.Role == RoleLeader {
		return CityRoles.Label(string(w.Role))
	}
	return Roles.Label(string(w.Role))
}

// ErrForbidden is the problem code of a right that is lacking.
const ErrForbidden = "forbidden"

func (w Who) need(r Right) error {
	if w.May(r) {
		return nil
	}
	role := w.RoleText()
	return typed.Problem{Code: ErrForbidden,
		ZH: "“" + role.ZH + "”没有这项权限,请找站长或系统管理员。",
		EN: "The role “" + role.EN + "” may not do this; ask the head or the administrator."}
}

// Need returns a bilingual problem unless w has the right.
func (w Who) Need(r Right) error { return w.need(r) }
