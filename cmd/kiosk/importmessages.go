package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"liaison/cmd/clerk"
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
func messages(k *clerk.Intake, ctx context.Context) error {
	type seen struct {
		line int
		text string
	}
	ids := map[string]seen{}
	for _, r := range k.Table.Rows {
		if ctx.Err() != nil {
			return stopped(ctx)
		}
		if !k.Sound(r) {
			continue
		}
		in, err := readMessage(k, r)
		if err != nil {
			k.Refuse(r.Line, sentence(nil, err))
			continue
		}
		text := in.Matters[0].Title + "\n" + in.Matters[0].Content
		if was, twice := ids[in.Ref]; twice && was.text != text {
			k.Refuse(r.Line, fmt.Sprintf("编号与第 %d 行相同,内容却不同 / row %d has this id with other words", was.line, was.line))
			continue
		} else if twice {
			k.Held++
			fmt.Fprintf(k.Stderr, "第 %[1]d 行与第 %[2]d 行是同一条,没有再记 / row %[1]d is row %[2]d once more and was not recorded again\n", r.Line, was.line)
			continue
		}
		ids[in.Ref] = seen{r.Line, text}
		if err := takeMessage(k, r.Line, in); err != nil {
			return err
		}
	}
	return nil
}

// takeMessage records one message. The error is one after which it makes no sense
// to go on.
func takeMessage(k *clerk.Intake, line int, in station.Reception) error {
	desk := k.Desk
	if k.Dry {
		if _, ps := desk.Check(in, false); len(ps) > 0 {
			k.Refuse(line, sentence(nil, ps))
		} else {
			k.Recorded++
		}
		return nil
	}
	s, err := desk.Receive(k.Who, in, false, "")
	switch {
	case err == nil && s.Known:
		k.Held++
	case err == nil:
		k.Recorded++
	case stopsAdding(err):
		return fmt.Errorf("row %d: %w", line, err)
	default:
		k.Refuse(line, sentence(nil, err))
	}
	return nil
}

// readMessage turns a row into a reception; the error is a typed.Problem.
func readMessage(k *clerk.Intake, r sheet.Row) (station.Reception, error) {
	id, user := clerk.OneLine(r.Get("id")), clerk.OneLine(r.Get("user"))
	subject, content := clerk.OneLine(r.Get("title")), tidy(r.Get("content"))
	if id == "" {
		return station.Reception{}, refuse(nil, "没有编号", "the id is missing")
	}
	if content == "" {
		content = subject
	}
	at, err := typed.Moment(r.Get("at"), k.Desk.Today(), station.Beijing)
	if err != nil {
		return station.Reception{}, err
	}
	title := []rune(subject)
	if len(title) > maxTitle { // nothing of the subject is lost
		title = append(title[:maxTitle-1:maxTitle-1], '…')
		content = subject + "\n" + content
	}
	category, ok := committee(clerk.OneLine(r.Get("label")))
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

// messageKind is the one table that only a station takes in.
func messageKind() map[string]clerk.Kind {
	return map[string]clerk.Kind{"messages": {Columns: []sheet.Column{
		{Key: "id", Names: []string{"留言编号", "编号", "id"}, Required: true},
		{Key: "user", Names: []string{"留言用户", "用户", "user"}},
		{Key: "title", Names: []string{"留言主题", "主题", "标题", "title"}},
		{Key: "at", Names: []string{"留言时间", "时间", "time"}, Required: true, Date: true},
		{Key: "content", Names: []string{"留言详情", "详情", "内容", "留言内容", "content"}, Required: true},
		{Key: "label", Names: []string{"一级分类", "一级标签", "分类", "category"}},
		{Key: "reply", Names: []string{"答复意见", "答复", "reply"}},
	}, Take: messages}}
}

// runImport loads a table.
func runImport(ctx context.Context, inv *invocation) error {
	return clerk.Import(ctx, inv.call(), inv.args, []string{"deputies", "villages", "categories"}, messageKind())
}

// runUser looks after the accounts of this machine.
func runUser(_ context.Context, inv *invocation) error { return clerk.Users(inv.call(), inv.args) }

// askPIN asks for what runUser then reads.
func askPIN(inv *invocation) (io.Reader, error) { return clerk.AskPIN(inv.call(), inv.args) }

// call is this call as the commands of both programs take it.
func (inv *invocation) call() clerk.Call {
	c := clerk.Call{Who: inv.who, Program: "kiosk", Usage: inv.cmd.line(), Stdin: inv.stdin, Stdout: inv.stdout, Stderr: inv.stderr,
		Open: func(name string) (io.ReadCloser, error) { return inv.open([]string{name}) }}
	if inv.kiosk != nil {
		c.Desk = inv.kiosk.desk
	}
	return c
}

// runSessions lists who is connected, or ends a session.
func runSessions(_ context.Context, inv *invocation) error {
	if inv.house == nil {
		return clerk.Sessions(inv.call(), nil, inv.args)
	}
	return clerk.Sessions(inv.call(), inv.house.seats.Seats, inv.args)
}

// runStep does a step of a matter's life.
func runSuggest(_ context.Context, inv *invocation) error {
	return clerk.Suggest(inv.call(), inv.args)
}

func runPaper(ctx context.Context, inv *invocation) error {
	return clerk.Paper(ctx, inv.call(), inv.args, inv.kiosk.printer())
}

func runStep(_ context.Context, inv *invocation) error { return clerk.Step(inv.call(), inv.args) }
