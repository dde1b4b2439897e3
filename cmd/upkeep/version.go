package upkeep

import (
	"runtime/debug"
	"slices"
	"strings"
)

// Version is what the build recorded of itself: the module's version, or the
// commit of a tree that was built in place.
func Version() string {
	bi, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := bi.Main.Version
	if v == "" {
		v = "(devel)"
	}
	i := slices.IndexFunc(bi.Settings, func(s debug.BuildSetting) bool { return s.Key == "vcs.revision" })
	if i >= 0 && strings.Contains(v, "devel") {
		v += " " + bi.Settings[i].Value[:min(12, len(bi.Settings[i].Value))]
	}
	return v
}
