package typed

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Sex as GB/T 2261.1 numbers it.
type Sex int

// The two that an identity number can say.
const (
	Male   Sex = 1
	Female Sex = 2
)

// An Identity is what an identity number (公民身份号码) says.
type Identity struct {
	Number string // 18 characters, the check character X in capitals
	Birth  Date
	Sex    Sex
}

// IDCard reads an identity number by GB 11643-1999: 18 characters with a valid
// date of birth and a check character by ISO 7064 MOD 11-2. Spaces, full-width
// characters and a small x are accepted. The region code is not looked up: it
// names where the number was first given, perhaps a county that is no more.
func IDCard(s string) (Identity, error) {
	s = strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, Fold(s)))
	if n := utf8.RuneCountInString(s); n != 18 {
		return Identity{}, counted("idcard.length", "身份证号应为 18 位，现有 %d 位。", "An identity number has 18 characters; this has %d.", n)
	}
	if len(s) != 18 || !digits(s[:17]) || !digits(s[17:]) && s[17] != 'X' {
		return Identity{}, problem("idcard.form", "身份证号是 17 位数字加 1 位数字或 X。", "An identity number is 17 digits and one digit or X.")
	}
	birth, ok := birthDate(s[6:14])
	if !ok {
		return Identity{}, problem("idcard.birth", "身份证号第 7 到 14 位不是有效的出生日期，请再核对。", "Digits 7 to 14 of the identity number are not a date of birth; please check.")
	}
	if s[17] != check112(s[:17]) {
		return Identity{}, problem("idcard.check", "身份证号的校验码不对，有一位可能输错了。", "The check character does not fit: a digit is probably wrong.")
	}
	sex := Female
	if s[16]&1 == 1 {
		sex = Male
	}
	return Identity{Number: s, Birth: birth, Sex: sex}, nil
}

func birthDate(s string) (Date, bool) {
	n, err := strconv.Atoi(s)
	d := Date{n / 10000, time.Month(n / 100 % 100), n % 100}
	return d, err == nil && d.Year >= 1850 && d.Valid()
}
