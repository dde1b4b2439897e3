package tui

import (
	"liaison/station"
	"liaison/station/ledger"
)

func newRegister() page                                          { return blankPage{} }
func newSessions() page                                          { return blankPage{} }
func newDeputies() page                                          { return blankPage{} }
func newTotals() page                                            { return blankPage{} }
func newSync(bool) page                                          { return blankPage{} }
func newUsers() page                                             { return blankPage{} }
func newSettings() page                                          { return blankPage{} }
func newDetail(ledger.ID) page                                   { return blankPage{} }
func newGuide(func(string, string) (*station.Desk, error)) page { return blankPage{} }
