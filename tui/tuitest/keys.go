package tuitest

import (
	"fmt"
	"strings"
)

// named are the bytes that xterm sends for keys without a modifier.
var named = map[string]string{
	"enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "esc": "\x1b", "backspace": "\x7f", "space": " ",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
	"insert": "\x1b[2~", "delete": "\x1b[3~", "pgup": "\x1b[5~", "pgdown": "\x1b[6~",
	"f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~",
	"f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~", "f10": "\x1b[21~", "f11": "\x1b[23~", "f12": "\x1b[24~",
}

// modifiers are xterm's numbers for them.
var modifiers = []struct {
	name string
	n    int
}{{"shift+", 2}, {"alt+", 3}, {"ctrl+", 5}}

// Bytes is what a terminal sends for a key: f10, ctrl+s, alt+n, ctrl+pgup, 中.
func Bytes(key string) (string, error) {
	if seq, ok := named[key]; ok {
		return seq, nil
	}
	for _, m := range modifiers {
		base, ok := strings.CutPrefix(key, m.name)
		if !ok || base == "" {
			continue
		}
		seq, special := named[base]
		switch {
		case special && strings.HasPrefix(seq, "\x1b[") && len(seq) == 3: // CSI A
			return fmt.Sprintf("\x1b[1;%d%s", m.n, seq[2:]), nil
		case special && strings.HasPrefix(seq, "\x1bO"):
			return fmt.Sprintf("\x1b[1;%d%s", m.n, seq[2:]), nil
		case special && strings.HasSuffix(seq, "~"):
			return fmt.Sprintf("%s;%d~", strings.TrimSuffix(seq, "~"), m.n), nil
		case m.name == "alt+" && !special && len(base) == 1, m.name == "alt+" && len(seq) == 1:
			if special {
				base = seq
			}
			return "\x1b" + base, nil
		case m.name == "ctrl+" && len(base) == 1 && base[0] >= 'a' && base[0] <= 'z':
			return string(rune(base[0] - 'a' + 1)), nil
		}
		return "", fmt.Errorf("a terminal has no bytes for %q", key)
	}
	if n := len([]rune(key)); n != 1 {
		return "", fmt.Errorf("there is no key %q", key)
	}
	return key, nil
}
