package door

import "io"

// plain is the last look at what a command prints for a person: whatever it
// says, it does not command the terminal. C0 but for line ends and tabs goes,
// and DEL, and C1 in its UTF-8 form; everything else passes byte by byte, also
// half a character at the end of a write.
type plain struct {
	w    io.Writer
	half bool // the last byte was C2, and is held back
}

func (p *plain) Write(b []byte) (int, error) {
	out := make([]byte, 0, len(b)+1)
	for _, c := range b {
		if p.half {
			p.half = false
			if c >= 0x80 && c <= 0x9f {
				continue
			}
			out = append(out, 0xc2)
		}
		switch {
		case c == 0xc2:
			p.half = true
		case c < ' ' && c != '\n' && c != '\r' && c != '\t', c == 0x7f:
		default:
			out = append(out, c)
		}
	}
	if _, err := p.w.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
}
