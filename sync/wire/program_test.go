package wire_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"liaison/sync/wire"
)

// A version goes over in a header and comes back as it was; whatever else may
// stand there is no version, and breaks no list that shows it.
func TestAProgramSaysItsVersion(t *testing.T) {
	for in, want := range map[string]string{"v1.2.0": "v1.2.0", "(devel) 91a1e4c": "devel--91a1e4c", "": "", "联络站": "", "v0.0.0-20261126+dirty": "v0.0.0-20261126+dirty",
		strings.Repeat("9", 100): strings.Repeat("9", 40)} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set(wire.HeaderProgram, wire.Program(in))
		if got := wire.ReadProgram(r); got != want || got != wire.CleanVersion(in) {
			t.Errorf("%q was read as %q, want %q", in, got, want)
		}
	}
	for _, said := range []string{"", "liaison-kiosk", "liaison-kiosk/", "curl/8", "liaison-kiosk/v1\x1b[2J", "liaison-kiosk/v1 2", "liaison-kiosk/" + strings.Repeat("1", 41), "LIAISON-KIOSK/v1"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set(wire.HeaderProgram, said)
		if got := wire.ReadProgram(r); got != "" {
			t.Errorf("%q is read as the version %q", said, got)
		}
	}
}
