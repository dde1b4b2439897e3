package station

import (
	"context"
	"errors"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Say turns an error into what a person reads: what happened, what to do, a
// short code. The rules of that voice: no blame, no jargon, no raw error; the
// text on the screen is safe unless we say otherwise; the log carries the
// code with the whole story.
func Say(err error) typed.Problem {
	if ps, ok := FieldsOf(err); ok && len(ps) > 0 {
		return ps[0].Problem
	}
	if p, ok := errors.AsType[typed.Problem](err); ok {
		return p
	}
	for _, s := range [...]struct {
		is error
		p  typed.Problem
	}{
		{ledger.ErrFull, typed.Problem{Code: "E-FULL",
			ZH: "磁盘已满,没有保存。内容还在屏幕上和草稿里;请腾出空间后再保存。",
			EN: "The disk is full; nothing was saved. What you typed is still here and in the draft. Free some space and save again."}},
		{ledger.ErrUnsure, typed.Problem{Code: "E-UNSURE",
			ZH: "写盘时出错,是否存下还不能确定。请不要重录;重新打开程序后在台账里核对。",
			EN: "The disk reported an error and it is not certain that this was saved. Do not enter it again; restart and look in the register."}},
		{ledger.ErrStale, typed.Problem{Code: "E-STALE",
			ZH: "别人刚刚改过这条记录。请重新打开后再改。",
			EN: "Somebody changed this record meanwhile. Open it again and repeat your change."}},
		{ledger.ErrNotFound, typed.Problem{Code: "E-NONE",
			ZH: "没有找到。", EN: "Nothing was found under that."}},
		{ledger.ErrBusy, typed.Problem{Code: "E-BUSY",
			ZH: "数据文件正被另一个程序使用。", EN: "Another program is using the data file."}},
		{ledger.ErrBroken, typed.Problem{Code: "E-BROKEN",
			ZH: "数据文件有一处损坏,其余照常。请运行 kiosk check 查看是哪一处。",
			EN: "One place in the data file is damaged, the rest works. Run kiosk check to see which."}},
		{context.Canceled, typed.Problem{Code: "E-STOP", ZH: "已停止。", EN: "Stopped."}},
		{context.DeadlineExceeded, typed.Problem{Code: "E-SLOW", ZH: "等待太久,已停止。", EN: "It took too long and was stopped."}},
	} {
		if errors.Is(err, s.is) {
			return s.p
		}
	}
	return typed.Problem{Code: "E-OTHER",
		ZH: "出了意外的错误,刚才的操作没有完成。详情在日志里。",
		EN: "Something unexpected went wrong and the last action was not completed. The log has the details."}
}
