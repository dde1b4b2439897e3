// Package peer does the ledger's durable save in SQLite, so that the figures
// of station/ledger/bolt have something to stand beside. It is a module of
// its own, so that the programs do not depend on what it needs.
//
//	go test -bench . ./...
package peer
