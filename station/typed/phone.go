package typed

import "strings"

// Phone reads a telephone number and gives it as it is stored: a mobile as
// its 11 digits, a landline as area code, number and extension, if any, with
// hyphens between (0511-86123456-801).
//
// Separators, full-width characters and the country code go. A number of 8
// digits without area code gets the one in area ("0511"); where area is empty,
// it is a problem.
func Phone(s, area string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(Fold(s)))
	if s == "" {
		return "", problem("phone.empty", "请输入电话号码，11 位手机号或带区号的固定电话。", "Type a phone number: 11 digits, or a landline with its area code.")
	}
	s, ext := cutExtension(s)
	var abroad bool
	if s, abroad = cutCountry(s); abroad && !strings.HasPrefix(s, "0") && !mobile(onlyDigits(s)) {
		s = "0" + s
	}
	if strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && !strings.ContainsRune(" -.()[]", r) }) {
		return "", problem("phone.letters", "电话号码里有数字以外的字，请只填一个号码。", "The number holds something other than digits; type one number only.")
	}
	n := onlyDigits(s)
	if strings.HasPrefix(n, "01") && len(n) == 12 && mobile(n[1:]) { // dialled as a long-distance call
		n = n[1:]
	}
	switch {
	case n == "":
		return "", problem("phone.empty", "这里没有数字，请输入电话号码。", "There is no digit here; type a phone number.")
	case mobile(n) && ext == "":
		return n, nil
	case n[0] == '0':
		return landline(n, ext)
	case len(n) == 8 && n[0] != '1':
		if area == "" {
			return "", problem("phone.area", "固定电话请加上区号，例如 0511-86123456。", "Give the area code of a landline, such as 0511-86123456.")
		}
		return landline(area+n, ext)
	}
	return "", wrongLength(n)
}

// mobile reports whether n is a mobile number: 11 digits from 13 to 19.
func mobile(n string) bool {
	return len(n) == 11 && n[0] == '1' && n[1] >= '3'
}

// landline splits a number that starts with its area code: 010 and 02x have
// three digits, all others four.
func landline(n, ext string) (string, error) {
	at := 4
	if strings.HasPrefix(n, "01") || strings.HasPrefix(n, "02") {
		at = 3
	}
	rest := max(len(n)-at, 0)
	if rest != 7 && rest != 8 {
		return "", counted("phone.landline",
			"固定电话在区号之后应为 7 或 8 位，现有 %d 位。", "A landline has 7 or 8 digits after the area code; this has %d.", rest)
	}
	if n[1] == '0' || n[at] == '0' || n[at] == '1' {
		return "", problem("phone.landline", "没有这样的固定电话号码，请再核对区号和号码。", "There is no such landline; check the area code and the number.")
	}
	n = n[:at] + "-" + n[at:]
	if ext != "" {
		n += "-" + ext
	}
	return n, nil
}

func wrongLength(n string) error {
	switch {
	case len(n) == 11:
		return problem("phone.prefix", "手机号以 13 到 19 开头，请再核对。", "A mobile number starts with 13 to 19; please check it.")
	case len(n) == 18:
		return problem("phone.idcard", "这是 18 位数字，像是身份证号，不是电话号码。", "These are 18 digits, like an identity number, not a phone number.")
	case n[0] == '1':
		return counted("phone.length", "手机号应为 11 位，现有 %d 位。", "A mobile number has 11 digits; this has %d.", len(n))
	}
	return counted("phone.length",
		"电话号码应为 11 位手机号，或带区号的固定电话；现有 %d 位。",
		"A phone number is a mobile of 11 digits or a landline with its area code; this has %d digits.", len(n))
}

// onlyDigits gives the ASCII digits of s.
func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// cutCountry cuts +86, 0086 or, before a mobile number, 86.
func cutCountry(s string) (string, bool) {
	for _, p := range [...]string{"+86", "0086", "(+86)", "(86)"} {
		if rest, ok := strings.CutPrefix(s, p); ok {
			return strings.TrimLeft(rest, " -"), true
		}
	}
	if rest, ok := strings.CutPrefix(s, "86"); ok && mobile(onlyDigits(rest)) {
		return rest, true
	}
	return s, false
}

// cutExtension cuts 转801, ext 801, #801 or, after a landline, -801.
func cutExtension(s string) (number, ext string) {
	for _, mark := range [...]string{"转分机", "分机", "转", "ext.", "ext", "#", "x"} {
		if head, tail, ok := strings.Cut(s, mark); ok {
			if tail = strings.TrimSpace(tail); digits(tail) && len(tail) <= 6 {
				return head, tail
			}
			return s, ""
		}
	}
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return s, ""
	}
	head, tail := s[:i], s[i+1:]
	n := onlyDigits(head)
	local := len(n) == 8 && n[0] > '1'
	far := n != "" && n[0] == '0' && len(n) >= 10
	if digits(tail) && len(tail) <= 6 && (local || far) {
		return head, tail
	}
	return s, ""
}
