// Package typed turns what people type into what is stored: text without
// terminal controls, dates, clock times, phone numbers, identity numbers and
// numbers with a check character.
//
// People type with an input method, so full-width digits, letters and
// punctuation arrive by accident everywhere. Every parser here folds them
// first. What cannot be read comes back as a Problem: a sentence that says
// what is wrong and what to type instead.
//
// The package is pure: no clock, no state, no input or output.
package typed

import "fmt"

// Problem is what is wrong with something a person typed, in words for that
// person. It never quotes the text it is about, so that it can be logged.
type Problem struct {
	Code   string // stable, lower-case, with a dot: "phone.length"
	ZH, EN string // one sentence each
}

// Error gives both sentences, Chinese first.
func (p Problem) Error() string { return p.ZH + " " + p.EN }

func problem(code, zh, en string) error { return Problem{Code: code, ZH: zh, EN: en} }

// counted is a Problem whose two sentences hold the same figures.
func counted(code, zh, en string, args ...any) error {
	return Problem{Code: code, ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}
