package wire

import (
	"net/http"
	"strings"
)

// HeaderProgram names the station's program and its version in each request,
// such as liaison-kiosk/v1.2.0. The signature does not cover it: it is shown to
// people and decides nothing. A kiosk that says no version is an older one.
const HeaderProgram = "User-Agent"

const programName = "liaison-kiosk"

// maxVersion is how many characters of a version are said and read.
const maxVersion = 40

// Program is what a kiosk of this version calls itself.
func Program(version string) string {
	if v := CleanVersion(version); v != "" {
		return programName + "/" + v
	}
	return programName
}

// ReadProgram returns the version of the kiosk that sent a request; "" where it
// says none, or something that is none.
func ReadProgram(r *http.Request) string {
	v, ok := strings.CutPrefix(r.Header.Get(HeaderProgram), programName+"/")
	if !ok || v != CleanVersion(v) {
		return ""
	}
	return v
}

// CleanVersion is a version as it may stand in a header: letters, digits and
// . + - _, at most 40 of them; what else there is becomes a hyphen.
func CleanVersion(version string) string {
	v := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(".+-_", r):
			return r
		}
		return '-'
	}, version)
	return strings.Trim(v[:min(len(v), maxVersion)], "-")
}
