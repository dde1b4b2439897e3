//go:build !race

package main

import (
	"strings"
	"testing"

	"liaison/tui/tuitest"
)

// A stop is a field of a form by its label, in the order of Tab.
type stop struct {
	label string
	kind  stopKind
}

type stopKind uint8

const (
	short  stopKind = iota // takes a few characters
	long                   // takes more than it can show at once
	stars                  // shows stars
	choose                 // takes no text
)

// receptionStops are the fields of the reception form; 理由 stands there only
// when a matter is refused.
var receptionStops = []stop{{"电话", short}, {"姓名", long}, {"村居", long}, {"不愿署名", choose}, {"性别", choose}, {"年龄段", choose},
	{"人次", short}, {"方式", choose}, {"日期", short}, {"已告知", choose}, {"要求保密", choose}, {"内容", long}, {"分类", long},
	{"处理", choose}, {"答复", long}, {"性质", choose}, {"代表", long}, {"涉及", choose}, {"紧急", choose}}

// pagesWithFields leads a head of the station to every other form.
var pagesWithFields = []struct {
	keys  []string
	title string // seen when the form is there
	stops []stop
}{
	{[]string{"f3"}, "编号、姓名或首字母", []stop{{"查找", long}}},
	{[]string{"f3", "f5"}, "一位数字为一级分类", []stop{{"起", short}, {"止", short}, {"分类", long}, {"处理", choose}}},
	{[]string{"3", "f6"}, "开设今天的场次", []stop{{"代表", long}, {"时间方式", choose}, {"地点方式", choose}, {"开始", short}, {"结束", short},
		{"地点", long}, {"主题方式", choose}}},
	{[]string{"3", "f8"}, "理由", []stop{{"理由", long}}},
	{[]string{"4"}, "曲阿社区居委会", []stop{{"查找", long}}},
	{[]string{"7", "f6"}, "至少要有一样", []stop{{"姓名", short}, {"角色", choose}, {"新 PIN", stars}, {"再输一遍", stars}, {"公钥", long}}},
	{[]string{"7", "f7"}, "现在的 PIN", []stop{{"现在的 PIN", stars}, {"新 PIN", stars}, {"再输一遍", stars}}},
	{[]string{"8"}, "自动锁屏", []stop{{"语言", choose}, {"配色", choose}, {"自动锁屏", short}, {"每晚同步", short}, {"另外每隔", short}, {"备份份数", short}, {"备份目录", long}, {"本站电话", short}, {"打印机", short}, {"请耐心等待", long}}},
	{[]string{"ctrl+k"}, "输入名称或首字母", []stop{{"", long}}},
	{[]string{"f12"}, "已锁屏", []stop{{"PIN", stars}}},
}

// TestTheCursorIsAfterTheTextInEveryField types Chinese into every field of
// the program and reads the terminal's own cursor, to which an input method
// ties its window: it must be in the cell after what was typed, in a pty and
// over SSH, also where the text is longer than the field.
func TestTheCursorIsAfterTheTextInEveryField(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 80, 24)
	fresh(c.Terminal)
	walk(c.Terminal, receptionStops)
	c.Key("f12")
	c.WaitText("已锁屏")
	walk(c.Terminal, []stop{{"PIN", stars}})
	c.Key("f7")
	c.WaitText("请选择您的名字", "› 周站长")
	c.Type(demoPIN)
	c.WaitTyped("****")
	c.Key("enter")
	c.WaitText("周站长", "最近登记")
	walkPages(c.Terminal)

	head := c.colleague(80, 24)
	fresh(head)
	walk(head, receptionStops)
	back(head)
	walkPages(head)
}

// walkPages goes to each form from the first page, and back.
func walkPages(s *tuitest.Terminal) {
	s.Helper()
	for _, p := range pagesWithFields {
		for i, k := range p.keys {
			s.Key(k)
			if i == 0 && len(p.keys) > 1 {
				s.WaitNo("最近登记")
				s.WaitNo("正在载入")
			}
		}
		s.WaitText(p.title)
		walk(s, p.stops)
		if p.keys[0] == "f12" {
			s.Type(demoPIN)
			s.WaitTyped("****")
			s.Key("enter")
		} else {
			back(s)
		}
		s.WaitText("最近登记")
	}
}

// back presses Esc until the first page is there. What follows Esc must wait
// until it was taken: a terminal sends Alt the same way.
func back(s *tuitest.Terminal) {
	s.Helper()
	for !s.Has("最近登记") {
		before := s.Text()
		s.Key("esc")
		s.Wait("Esc to do something", func(scr *tuitest.Screen) bool { return scr.Text() != before })
	}
}

// walk types into each field and goes on with Tab.
func walk(s *tuitest.Terminal, stops []stop) {
	s.Helper()
	for i, f := range stops {
		at(s, f.label)
		const few = "曲阿路灯"
		switch f.kind {
		case stars:
			clearField(s)
			s.Type(demoPIN)
			s.WaitTyped("****")
		case short, long:
			clearField(s)
			s.Type(few)
			s.WaitTyped(few)
			s.Key("left")
			s.WaitTyped("曲阿路")
			s.Type("的")
			s.WaitTyped("曲阿路的")
			s.Key("end")
			s.WaitTyped("曲阿路的灯")
			if f.kind == long {
				s.Type("小区东门菜场门口人民路口学校门口河道沿岸小区西门村委会旁")
				s.WaitTyped("村委会旁")
			}
		}
		clearField(s)
		if i < len(stops)-1 {
			s.Key("tab")
		}
	}
}

// clearField takes everything out of a field; one of choices has no use for
// the keys.
func clearField(s *tuitest.Terminal) {
	s.Helper()
	s.Key("ctrl+end", "ctrl+u")
	s.Wait("an empty field", func(scr *tuitest.Screen) bool {
		return !strings.HasSuffix(scr.Before(), "村委会旁") && !strings.HasSuffix(scr.Before(), "*") && !strings.HasSuffix(scr.Before(), "灯")
	})
}
