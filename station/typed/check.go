package typed

import "strings"

const alphabet36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Check3736 gives the check character of s by ISO 7064 MOD 37,36, the hybrid
// system for letters and digits. It finds every single wrong character and
// nearly every exchange of two neighbours. Small letters count as capitals and
// hyphens are passed over, so a number is checked as it is printed.
func Check3736(s string) (byte, error) {
	p, err := sum3736(s)
	if err != nil {
		return 0, err
	}
	return alphabet36[(37-p)%36], nil
}

// Valid3736 reports whether the last character of s is the check character of
// those before it.
func Valid3736(s string) bool {
	s = strings.TrimRight(s, "-")
	if s == "" {
		return false
	}
	c, err := Check3736(s[:len(s)-1])
	return err == nil && strings.ToUpper(s[len(s)-1:]) == string(c)
}

// sum3736 runs the standard's recursion: add, modulo 36 with 36 for 0, double,
// modulo 37.
func sum3736(s string) (int, error) {
	p, seen := 36, false
	for _, r := range s {
		if r == '-' {
			continue
		}
		v := -1
		if r < 0x80 {
			v = strings.IndexByte(alphabet36, strings.ToUpper(string(r))[0])
		}
		if v < 0 {
			return 0, problem("check.form", "编号只含字母、数字和连字符。", "A number holds letters, digits and hyphens only.")
		}
		seen = true
		if p = (p + v) % 36; p == 0 {
			p = 36
		}
		p = p * 2 % 37
	}
	if !seen {
		return 0, problem("check.empty", "编号是空的。", "The number is empty.")
	}
	return p, nil
}

// check112 gives the check character of 17 digits by ISO 7064 MOD 11-2, the
// system of GB 11643-1999: the sum of digits weighted 2^17…2^1, modulo 11.
func check112(s string) byte {
	p := 0
	for i := range len(s) {
		p = (p + int(s[i]-'0')) * 2 % 11
	}
	return "0123456789X"[(12-p)%11]
}
