package upkeep

import (
	"log/slog"
	"slices"
	"sync"

	"liaison/station"
	"liaison/station/ledger/bolt"
)

// Events keeps what a ledger did by itself: for the log in full under a short
// code, for people in one sentence. Report may be called at any time, also
// while the ledger is being opened and before there is a log.
type Events struct {
	mu   sync.Mutex
	log  *slog.Logger
	wait []bolt.Event     // for a log
	seen []bolt.EventKind // what holds, oldest first, each once
}

// Report is for bolt.Options.Report.
func (s *Events) Report(e bolt.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ended := e.What
	if e.What == bolt.InStep {
		ended = bolt.Behind
	}
	s.seen = slices.DeleteFunc(s.seen, func(k bolt.EventKind) bool { return k == ended })
	s.seen = append(s.seen, e.What)
	if s.log == nil {
		s.wait = append(s.wait, e)
		return
	}
	write(s.log, e)
}

// LogTo writes to log what was reported so far, and from now on.
func (s *Events) LogTo(log *slog.Logger) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = log
	for _, e := range s.wait {
		write(log, e)
	}
	s.wait = nil
}

func write(log *slog.Logger, e bolt.Event) {
	code := "L-OTHER"
	if s, ok := sayings()[e.What]; ok {
		code = s.code
	}
	log.Warn(string(e.What), "code", code, "aside", e.Path, "err", e.Err)
}

// Happened reports whether the ledger did this since it was opened.
func (s *Events) Happened(k bolt.EventKind) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.seen, k)
}

// Notices are the sentences for people, the newest last. What is over, such as
// a second copy that could not be written for a while, is not among them.
func (s *Events) Notices() []station.Text {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []station.Text
	for _, k := range s.seen {
		if say, ok := sayings()[k]; ok && say.ZH != "" {
			out = append(out, say.Text)
		}
	}
	return out
}

// A saying is an event's code in the log, and its sentence where people need
// to know.
type saying struct {
	code string
	station.Text
}

func sayings() map[bolt.EventKind]saying {
	return map[bolt.EventKind]saying{
		bolt.Rebuilt: {"L-REBUILT", station.Text{
			ZH: "数据文件坏了,已用第二份完整重建,没有丢失记录;坏的文件已改名留存。请尽快备份,并请技术人员检查硬盘。",
			EN: "The data file was damaged and has been rebuilt from the second copy; no record is lost, and the damaged file was set aside. Make a backup soon and have the disk checked."}},
		bolt.Partly: {"L-PARTLY", station.Text{
			ZH: "两份数据都有损坏,能读出的已全部保住,坏的文件已改名留存。缺的记录下次同步时从市里取回;选民姓名电话只有备份里才有。请尽快联系技术人员。",
			EN: "Both copies of the data were damaged; what could be read was kept, and the damaged files were set aside. Missing records come back from the city at the next sync; names and phones of voters only from a backup. Call technical support soon."}},
		bolt.Caught: {"L-CAUGHT", station.Text{
			ZH: "数据文件缺了最新的几次保存,已从第二份补齐,没有丢失记录。请技术人员检查硬盘。",
			EN: "The data file lacked the newest saves and got them from the second copy; no record is lost. Have the disk checked."}},
		bolt.Renewed: {"L-RENEWED", station.Text{
			ZH: "数据的第二份缺失或损坏,已重新建好,没有丢失记录。请技术人员检查硬盘。",
			EN: "The second copy of the data was missing or damaged and has been made anew; no record is lost. Have the disk checked."}},
		bolt.Behind: {"L-BEHIND", station.Text{
			ZH: "数据的第二份写不进去,工作照常,但现在只有一份。请尽快备份,并检查磁盘空间和硬盘。",
			EN: "The second copy of the data cannot be written; work goes on with one copy. Make a backup soon, and check the disk and its free space."}},
		bolt.InStep: {code: "L-INSTEP"},
		bolt.Reopened: {"L-REOPENED", station.Text{
			ZH: "写盘时出过一次错,已重新打开数据文件,工作照常。请技术人员检查硬盘。",
			EN: "A write to the disk failed once; the data file was opened anew and work goes on. Have the disk checked."}},
		bolt.Reserve: {"L-RESERVE", station.Text{
			ZH: "磁盘快满了:草稿和同步照常,新的登记可能存不下。请尽快腾出空间。",
			EN: "The disk is full: drafts and sync go on, new receptions may be refused. Free some space soon."}},
	}
}
