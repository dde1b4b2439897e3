package clerk

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// A Letter is one line of `list notices --json` and `list consults --json`.
type Letter struct {
	ID      ledger.ID    `json:"id"`
	Kind    string       `json:"kind"` // notice, consult
	At      time.Time    `json:"at"`
	Title   string       `json:"title"`
	Text    string       `json:"text"`
	From    string       `json:"from"`
	DocNo   string       `json:"doc,omitempty"`
	Must    bool         `json:"must_read,omitempty"`
	Due     typed.Date   `json:"due"` // "" where none is set
	To      []string     `json:"to"`  // stations; empty: all
	Reads   []LetterBack `json:"reads"`
	Answers []LetterBack `json:"answers"`
	Silent  []string     `json:"silent"` // stations that have neither read nor answered
}

// A LetterBack is what came back of a letter: who, where and when.
type LetterBack struct {
	Station string    `json:"station"`
	By      string    `json:"by"` // account
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
	Text    string    `json:"text,omitempty"`
}

// Letters lists notices or consults, newest first.
func Letters(c Call, k ledger.Kind, limit int, asJSON bool) error {
	all, err := c.Desk.Letters(c.Who, k)
	if err != nil {
		return err
	}
	if limit > 0 {
		all = all[:min(limit, len(all))]
	}
	if asJSON {
		out := report.NewLines(c.Stdout)
		for _, p := range all {
			if err := out.Put(c.letter(p)); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	t := report.NewTable(report.Column{Head: "时间 Time"}, report.Column{Head: "标题 Title", Width: 40}, report.Column{Head: "发往 To", Width: 16}, report.Column{Head: "期限 Due"},
		report.Column{Head: "已阅 Read", Right: true}, report.Column{Head: "回函 Answered", Right: true}, report.Column{Head: "未回 Silent", Width: 30})
	for _, p := range all {
		to := strings.Join(p.To, " ")
		if p.To == nil {
			to = "各站 all"
		}
		due := ""
		if !p.Due.IsZero() {
			due = p.Due.String()
		}
		l := c.letter(p)
		t.Row(l.At.Format(report.Minute), p.Title, to, due, strconv.Itoa(len(p.Reads)), strconv.Itoa(len(p.Answers)), strings.Join(l.Silent, " "))
	}
	return t.Print(c.Stdout)
}

func (c Call) letter(p station.Posted) Letter {
	l := Letter{ID: p.Letter.Letter, Kind: string(p.Kind), At: p.At.In(station.Beijing), Title: p.Title, Text: p.Text, From: p.From, DocNo: p.DocNo,
		Must: p.Read, Due: p.Due, To: p.To, Reads: []LetterBack{}, Answers: []LetterBack{}, Silent: []string{}}
	if l.To == nil {
		l.To = []string{}
	}
	for _, r := range p.Reads {
		l.Reads = append(l.Reads, LetterBack{Station: r.Station, By: r.By, Name: r.Name, At: r.At.In(station.Beijing)})
	}
	for _, a := range p.Answers {
		l.Answers = append(l.Answers, LetterBack{Station: a.Station, By: a.By, Name: a.Name, At: a.At.In(station.Beijing), Text: a.Text})
	}
	if c.Desk.AtCity() {
		l.Silent = append(l.Silent, p.Silent(c.Desk.Stations())...)
	}
	return l
}

// ReadLetter makes a letter of a text: where title is empty its first line is
// the title, and what follows the text.
func ReadLetter(text, title string) (t, body string, err error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if title == "" {
		title, text, _ = strings.Cut(text, "\n")
	}
	title, text = OneLine(title), strings.TrimSpace(text)
	if title == "" || text == "" {
		return "", "", refuse("文件里要有标题(第一行)和正文", "the file needs a title, its first line, and a text below")
	}
	return title, text, nil
}

// Sent says what became of a letter that was sent.
func (c Call) Sent(p station.Posted) error {
	to, en := "各站", "all stations"
	if p.To != nil {
		to, en = strings.Join(p.To, "、"), strings.Join(p.To, ", ")
	}
	_, err := fmt.Fprintf(c.Stdout, "已发出《%s》,发往%s;各站同步时收到 / sent to %s; stations have it with their next sync\n%s\n", p.Title, to, en, p.Letter.Letter)
	return err
}
