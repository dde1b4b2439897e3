package main

import (
	"context"
	"fmt"
	"strings"

	"liaison/station"
	"liaison/station/sheet"
	"liaison/station/typed"
)

// committee maps the first-level labels of government mailboxes to our own
// categories (DOMAIN 2.5), which follow the standing committees.
func committee(label string) (code string, ok bool) {
	code, ok = map[string]string{
		"城乡建设": "1", "交通运输": "1", "环境保护": "1", "国土资源": "1",
		"农村农业": "2",
		"教育文体": "3", "卫生计生": "3",
		"劳动和社会保障": "4", "民政": "4",
		"商贸旅游": "5", "经济管理": "5", "科技与信息产业": "5",
		"政法": "6", "纪检监察": "6",
		"党务政务": "7",
	}[label]
	return code, ok
}

// otherCategory is 其他, for labels that nobody knows.
const otherCategory = "79"

// maxTitle is how many characters of a subject become the matter's title.
const maxTitle = 30

// messages takes citizens' messages from a mailbox as receptions of the online
// channel, kept for the digest: nobody sat before a deputy. The mailbox's own
// id is the reference, so the same message is never recorded twice.
func (k *intake) messages(ctx context.Context) error {
	type seen struct {
		line int
		text string
	}
	ids := map[string]seen{}
	for _, r := range k.table.Rows {
		if ctx.Err() != nil {
			return stopped(ctx)
		}
		if !k.sound(r) {
			continue
		}
		in, err := k.message(r)
		if err != nil {
			k.refuse(r.Line, sentence(nil, err))
			continue
		}
		text := in.Matters[0].Title + "\n" + in.Matters[0].Content
		if was, twice := ids[in.Ref]; twice && was.text != text {
			k.refuse(r.Line, fmt.Sprintf("编号与第 %d 行相同,内容却不同 / row %d has this id with other words", was.line, was.line))
			continue
		} else if twice {
			k.held++
			fmt.Fprintf(k.inv.stderr, "第 %[1]d 行与第 %[2]d 行是同一条,没有再记 / row %[1]d is row %[2]d once more and was not recorded again\n", r.Line, was.line)
			continue
		}
		ids[in.Ref] = seen{r.Line, text}
		if err := k.receive(r.Line, in); err != nil {
			return err
		}
	}
	return nil
}

// receive records one message. The error is one after which it makes no sense
// to go on.
func (k *intake) receive(line int, in station.Reception) error {
	desk := k.inv.kiosk.desk
	if k.dry {
		if _, ps := desk.Check(in, false); len(ps) > 0 {
			k.refuse(line, sentence(nil, ps))
		} else {
			k.recorded++
		}
		return nil
	}
	s, err := desk.Receive(k.inv.who, in, false, "")
	switch {
	case err == nil && s.Known:
		k.held++
	case err == nil:
		k.recorded++
	case stopsAdding(err):
		return fmt.Errorf("row %d: %w", line, err)
	default:
		k.refuse(line, sentence(nil, err))
	}
	return nil
}

// message turns a row into a reception; the error is a typed.Problem.
func (k *intake) message(r sheet.Row) (station.Reception, error) {
	id, user := oneLine(r.Get("id")), oneLine(r.Get("user"))
	subject, content := oneLine(r.Get("title")), tidy(r.Get("content"))
	if id == "" {
		return station.Reception{}, refuse(nil, "没有编号", "the id is missing")
	}
	if content == "" {
		content = subject
	}
	at, err := typed.Moment(r.Get("at"), k.inv.kiosk.desk.Today(), station.Beijing)
	if err != nil {
		return station.Reception{}, err
	}
	title := []rune(subject)
	if len(title) > maxTitle { // nothing of the subject is lost
		title = append(title[:maxTitle-1:maxTitle-1], '…')
		content = subject + "\n" + content
	}
	category, ok := committee(oneLine(r.Get("label")))
	if !ok {
		category = otherCategory
	}
	return station.Reception{
		Ref: "messages:" + id, At: at, Channel: "online", Persons: 1,
		Session: station.InSession{Time: "adhoc", Place: "station", Topic: "open"},
		Voter:   station.InVoter{Name: user, Anonymous: true}, // an account's name, not a person's
		Matters: []station.Issue{{Title: string(title), Content: content, Kind: "suggestion", Category: category,
			Disposition: "collect", Reply: tidy(r.Get("reply"))}},
	}, nil
}

// tidy takes away the blank lines and margins that web pages leave around
// text; the words stay as they are.
func tidy(s string) string {
	var lines []string
	for l := range strings.SplitSeq(typed.Clean(s, true), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}
