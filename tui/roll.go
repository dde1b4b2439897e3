package tui

import (
	"time"

	"liaison/station"
)

// A Roll is the city's list of stations as screens see it.
type Roll interface {
	Stations() ([]StationState, error)
	// Invite gives a one-time code with which a station joins.
	Invite(who station.Who, code string) (string, error)
}

// StationState is how a station stands with the city.
type StationState struct {
	Code, Name string
	Since      time.Time // enrolled
	Seen       time.Time // last heard of
	Invited    time.Time // an open code is good until then
	Revoked    time.Time // its key was taken back
	Entries    uint64
	Doubts     int
	Skew       time.Duration // station's clock minus the city's
	Strange    int           // records of kinds unknown here: it runs a newer program
	Forks      []string
	Version    string // of its program; "" where it says none
	Other      bool   // and that is not the city's
}
