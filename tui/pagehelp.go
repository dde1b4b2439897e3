package tui

import "liaison/station"

// pageHelp is what a page says of itself on the help page.
var pageHelp = map[scope]station.Text{
	inHome: {ZH: "首页:今天的场次、今天的数字、待办和最近登记。按 F2(或 1)登记一次接待;按数字进入各页;用 ↑↓ 选中一行后按 Enter 打开。",
		EN: "Home: today's session and figures, what waits, the latest receptions. F2 (or 1) records a reception; digits open the pages; ↑↓ and Enter open a line."},
	inReception: {ZH: "先填电话或姓名:来过的选民会提示出来,按 Enter 带入。Enter 或 Tab 到下一项,Shift+Tab 回上一项。村居打首字母(qa → 前艾村),分类打两位数字或名称,方式、性质、处理直接按编号或字母。内容里换行用 Alt+Enter。写错不用急,哪一项都可以先离开;F10 保存时会指出还缺什么。每停一下就存草稿,断电、断线、锁屏都不会丢。补录以前的接待,在“日期”填 817、昨天等。",
		EN: "Phone or name first: an earlier voter is offered, Enter takes it. Enter or Tab goes on, Shift+Tab back. Villages by initials (qa → 前艾村), categories by two digits or name, channel, nature and handling by their digit or letter. Alt+Enter breaks a line. No field holds you; F10 saves and says what is missing. Drafts are kept at every pause. To enter an earlier reception, type its day: 817, 昨天."},
	inSaved: {ZH: "编号已经存好。请念给选民。按 Enter 登记下一位。",
		EN: "The number is safe on disk. Read it to the voter. Enter goes on to the next."},
}
