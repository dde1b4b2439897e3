package wire

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"liaison/station/ledger"
)

// Paths that name no stream.
const (
	PathStreams = "/v1/streams"
	PathEnrol   = "/v1/enrol"
	PathHealth  = "/healthz"
	PathMetrics = "/metrics"
)

// Path is where the batch is put.
func (b Batch) Path() string {
	return fmt.Sprintf("%s/entries/%d-%d", pathOf(b.Stream), b.First, b.Last)
}

// PathHead is where the city says how far it holds a stream.
func PathHead(s ledger.Stream) string { return pathOf(s) + "/head" }

// PathAfter is where the entries after a number are fetched.
func PathAfter(s ledger.Stream, after ledger.Seq) string {
	return fmt.Sprintf("%s/entries?after=%d", pathOf(s), after)
}

func pathOf(s ledger.Stream) string {
	var b strings.Builder
	b.WriteString(PathStreams)
	for part := range strings.SplitSeq(string(s), "/") {
		b.WriteString("/" + url.PathEscape(part))
	}
	return b.String()
}

// ParseRange reads "first-last" as Path writes it.
func ParseRange(s string) (first, last ledger.Seq, err error) {
	a, b, _ := strings.Cut(s, "-")
	if first, err = ParseSeq(a); err != nil {
		return 0, 0, err
	}
	if last, err = ParseSeq(b); err != nil {
		return 0, 0, err
	}
	if first == 0 || last < first {
		return 0, 0, fmt.Errorf("%w range %.50q", ErrMalformed, s)
	}
	return first, last, nil
}

// ParseSeq reads a sequence number without sign or leading zeros.
func ParseSeq(s string) (ledger.Seq, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != s {
		return 0, fmt.Errorf("%w number %.50q", ErrMalformed, s)
	}
	return ledger.Seq(n), nil
}
