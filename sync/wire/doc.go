// Package wire is what station and city say to each other, byte by byte:
// entries as lines, batches of them, the city's signed word that it holds
// them, problems in plain words, and who asks. It opens no connection and
// keeps nothing; package outbox is the station's side of the line and package
// inbox the city's.
//
//	PUT  /v1/streams/{writer}/{epoch}/entries/{first}-{last}         batch → receipt
//	PUT  /v1/streams/city/{epoch}[/{reader}]/entries/{first}-{last}  batch handed back → receipt
//	GET  /v1/streams/{writer}/{epoch}/head                        → receipt
//	GET  /v1/streams                                              → listing
//	GET  /v1/streams/{writer}/{epoch}/entries?after=N             → batch
//	GET  /v1/streams/{writer}/{epoch}/{reader}/entries?after=N    → batch
//	POST /v1/enrol                                                enrolment → welcome
//	POST /v1/rekey                                                rekey → rekeyed
//	GET  /healthz
//	GET  /metrics
//
// Every request but the last two is signed by the station (see Signature) and
// every answer that a station acts on is signed by the city (see Receipt,
// Listing and Welcome). Repeating a request is harmless: a batch is stored
// once however often it comes, and most else only reads. So a signed request
// that somebody else sends again has no effect. The two that change who is
// believed, enrolment and rekey, are carried out once: whoever lost the answer
// asks in a new request, and this very one is refused for as long as its time
// would still let it pass (see ClockWindow).
//
// Each thing said has exactly one form. A decoder accepts only the bytes that
// the encoder would write; unknown and doubled fields, other orders and other
// spellings are refused without being interpreted.
package wire

import (
	"time"

	"liaison/station/ledger"
)

// Limits of one batch. Both sides hold to them.
const (
	MaxEntries  = 500     // entries in a batch
	MaxUnpacked = 4 << 20 // bytes of a batch's lines
	MaxPacked   = MaxUnpacked + 64<<10
	// MaxLine is the longest line: a body in base64 and the header beside it.
	MaxLine = ledger.MaxBody/3*4 + 16<<10
	// MaxSmall bounds every other body: receipts, listings, problems.
	MaxSmall = 1 << 20
)

// ClockWindow is how far the time in a signed request may lie from the
// city's. A station further off is told the city's time and asks once more.
const ClockWindow = 5 * time.Minute

// Media types and encodings on the line.
const (
	TypeEntries = "application/x-ndjson"
	TypeJSON    = "application/json"
	TypeProblem = "application/problem+json"
	Zstd        = "zstd"
)

// Names of header fields.
const (
	HeaderDigest    = "Content-Digest"
	HeaderInput     = "Signature-Input"
	HeaderSignature = "Signature"
	HeaderEntries   = "Liaison-Entries" // "first-last" of the batch in an answer
	// HeaderReceipt is the city's receipt for the end of a batch, in base64: in
	// an answer it vouches for the entries, and with it they are handed back to
	// a city that has lost them.
	HeaderReceipt = "Liaison-Receipt"
)
