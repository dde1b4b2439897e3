package tui

import (
	"strings"

	"liaison/station"
)

// A scope is where a binding acts.
type scope uint8

const (
	inNone scope = iota
	everywhere
	inHome
	inReception
	inSaved
	inRegister
	inDetail
	inSessions
	inSession
	inSync
	inEnrol
	inDeputies
	inTotals
	inRates
	inRateRows
	inUsers
	inUser
	inSettings
	inAudit
	inCity
	inStations
	inSuggestions
	inSuggestion
	inEntry
	inPaper
	inLetters
	inNotice
	inConsult
	inWriting
	inLists
	inRecord
	inRules
	inGuests
	inFirstPIN
	inOwnSettings
	inQueue
	inMatter
	inStep
	inLookup
	inHelp
	inGuide
	inGuideDone
	inSignIn
	inLock
)

// An action is what a binding does.
type action uint8

const (
	actNone action = iota
	actHelp
	actPalette
	actNew
	actFind
	actSync
	actLock
	actBack
	actQuit
	actRegister
	actSessions
	actDeputies
	actTotals
	actRates
	actSyncPage
	actUsers
	actSettings
	actSave
	actMoreMatter
	actErase
	actUntil
	actJoin
	actDistinct
	actNextMatter
	actPrevMatter
	actPhrases
	actDiscard
	actNewSession
	actEditSession
	actCloseSession
	actOpen
	actCorrect
	actVoid
	actFilter
	actClearFilter
	actEnrol
	actAdd
	actRemove
	actResetPIN
	actSwitchUser
	actPrevMonth
	actNextMonth
	actNextVoter
	actReveal
	actOwnPIN
	actBegin
	actStations
	actSuggestions
	actPapers
	actPrint
	actInvite
	actLetters
	actWrite
	actMarkRead
	actAnswer
	actLists
	actNextList
	actChange
	actAddClass
	actMore
	actRules
	actAudit
	actGuests
	actEndGuest
	actRefresh
	actQueues
	actLookup
	actStep
	actStep2
	actStepMore
	actMatter
	actReception
)

// A binding ties keys to an action. Letters belong to the input method, so
// keys are function keys with a Ctrl or Alt twin each; digits act only in the
// home screen's menu. Foot, help and palette are made from this table.
type binding struct {
	id    action
	scope scope
	keys  []string // the first is shown
	text  station.Text
	help  station.Text  // one sentence for the help page
	right station.Right // "" for everyone
	foot  bool
}

var bindings = []binding{
	{actNew, everywhere, []string{"f2", "alt+n"}, station.Text{ZH: "新接待", EN: "New"}, station.Text{ZH: "登记一次接待", EN: "Record a reception"}, station.RightRecord, true},
	{actFind, everywhere, []string{"f3", "ctrl+f"}, station.Text{ZH: "查找", EN: "Find"}, station.Text{ZH: "在台账中边输边查", EN: "Search the register as you type"}, "", true},
	{actSync, everywhere, []string{"f9", "alt+s"}, station.Text{ZH: "立即同步", EN: "Sync"}, station.Text{ZH: "立即上报市里并取回答复", EN: "Send to the city now"}, station.RightSync, true},
	{actBack, everywhere, []string{"esc"}, station.Text{ZH: "返回", EN: "Back"}, station.Text{ZH: "回上一页", EN: "Back to the page before"}, "", true},
	{actPalette, everywhere, []string{"ctrl+k", "alt+k"}, station.Text{ZH: "命令", EN: "Commands"}, station.Text{ZH: "按名称找任何操作", EN: "Find any command by name"}, "", true},
	{actHelp, everywhere, []string{"f1", "alt+h"}, station.Text{ZH: "帮助", EN: "Help"}, station.Text{ZH: "这一页的说明和全部按键", EN: "This page explained, and all keys"}, "", true},
	{actLock, everywhere, []string{"f12", "alt+l"}, station.Text{ZH: "锁屏", EN: "Lock"}, station.Text{ZH: "离开时锁屏,草稿会留着", EN: "Lock the screen; drafts are kept"}, "", true},
	{actQuit, everywhere, []string{"ctrl+q", "alt+q"}, station.Text{ZH: "退出", EN: "Quit"}, station.Text{ZH: "结束这个画面,已输入的留作草稿", EN: "End this session; what is typed stays as a draft"}, "", false},

	{actNew, inHome, []string{"1"}, station.Text{ZH: "接待登记", EN: "Reception"}, station.Text{ZH: "登记一次接待", EN: "Record a reception"}, station.RightRecord, false},
	{actRegister, inHome, []string{"2"}, station.Text{ZH: "台账", EN: "Register"}, station.Text{ZH: "全部登记,新的在前", EN: "All receptions, newest first"}, "", false},
	{actSessions, inHome, []string{"3"}, station.Text{ZH: "接待场次", EN: "Sessions"}, station.Text{ZH: "开设、更改、结束今天的场次", EN: "Open, change and close today's session"}, "", false},
	{actDeputies, inHome, []string{"4"}, station.Text{ZH: "代表", EN: "Deputies"}, station.Text{ZH: "代表名册", EN: "The roster"}, "", false},
	{actTotals, inHome, []string{"5"}, station.Text{ZH: "统计", EN: "Totals"}, station.Text{ZH: "一个月的场次、批次、人次、件数", EN: "A month in figures"}, "", false},
	{actSyncPage, inHome, []string{"6"}, station.Text{ZH: "同步", EN: "Sync"}, station.Text{ZH: "市里确认了多少,还有多少待传", EN: "What the city has confirmed"}, station.RightStatus, false},
	{actUsers, inHome, []string{"7"}, station.Text{ZH: "账号", EN: "Users"}, station.Text{ZH: "账号、角色、PIN 和公钥", EN: "Accounts, roles, PINs and keys"}, station.RightUsers, false},
	{actSettings, inHome, []string{"8"}, station.Text{ZH: "设置", EN: "Settings"}, station.Text{ZH: "语言、配色、锁屏、同步时间、常用语", EN: "Language, theme, lock, sync times, phrases"}, "", false},
	{actAudit, inHome, []string{"9"}, station.Text{ZH: "审计", EN: "Audit"}, station.Text{ZH: "谁在什么时候做了什么", EN: "Who did what, and when"}, station.RightAudit, false},
	{actGuests, inHome, []string{"0"}, station.Text{ZH: "在线", EN: "Connected"}, station.Text{ZH: "谁连着,从哪里来;可以结束一个会话", EN: "Who is connected, from where; end a session"}, station.RightGuests, false},
	{actQueues, inHome, []string{"f5", "ctrl+t"}, station.Text{ZH: "待办", EN: "To do"}, station.Text{ZH: "各类待办,先到期的在前", EN: "What waits, by kind, what is due first"}, "", true},
	{actLookup, inHome, []string{"f6", "ctrl+r"}, station.Text{ZH: "查进度", EN: "Look up"}, station.Text{ZH: "选民来问:按编号、姓名或电话查办到哪一步", EN: "A voter asks: by number, name or phone"}, station.RightSeeAll, true},
	{actOpen, inHome, []string{"enter"}, station.Text{ZH: "继续", EN: "Continue"}, station.Text{ZH: "打开选中的一行", EN: "Open the marked line"}, "", false},

	{actSave, inReception, []string{"f10", "ctrl+s"}, station.Text{ZH: "保存", EN: "Save"}, station.Text{ZH: "保存并给出编号", EN: "Save and give the number"}, "", true},
	{actPhrases, inReception, []string{"f4", "alt+p"}, station.Text{ZH: "常用语", EN: "Phrases"}, station.Text{ZH: "选一句常用答复", EN: "Insert a ready phrase"}, "", true},
	{actMoreMatter, inReception, []string{"f6", "ctrl+n"}, station.Text{ZH: "再记一件", EN: "Another matter"}, station.Text{ZH: "同一选民的下一件事", EN: "A further matter of the same voter"}, "", true},
	{actJoin, inReception, []string{"f7", "ctrl+l"}, station.Text{ZH: "并入", EN: "Join"}, station.Text{ZH: "并入提示的原有事项,或取消并入", EN: "Join the matter to the earlier one that is shown, or take that back"}, "", false},
	{actDistinct, inReception, []string{"f5", "ctrl+d"}, station.Text{ZH: "不是", EN: "Not it"}, station.Text{ZH: "提示的不是同一件事,写明原因后不再提示", EN: "What is shown is another matter: say why, and it is shown no more"}, "", false},
	{actPrevMatter, inReception, []string{"alt+up", "ctrl+pgup"}, station.Text{ZH: "上一件", EN: "Matter before"}, station.Text{ZH: "回到上一件事项", EN: "Back to the matter before"}, "", false},
	{actNextMatter, inReception, []string{"alt+down", "ctrl+pgdown"}, station.Text{ZH: "下一件", EN: "Next matter"}, station.Text{ZH: "到下一件事项", EN: "On to the next matter"}, "", false},
	{actDiscard, inReception, []string{"f8", "ctrl+x"}, station.Text{ZH: "清空", EN: "Discard"}, station.Text{ZH: "丢弃这张草稿(会先问)", EN: "Throw this draft away, after asking"}, "", false},

	{actSwitchUser, inLock, []string{"f7", "ctrl+o"}, station.Text{ZH: "换人登录", EN: "Another user"}, station.Text{ZH: "另一位使用者登录", EN: "Somebody else signs in"}, "", true},

	{actNextVoter, inSaved, []string{"enter"}, station.Text{ZH: "下一位", EN: "Next voter"}, station.Text{ZH: "登记下一位选民", EN: "Record the next voter"}, station.RightRecord, true},
	{actStep, inSaved, []string{"f4", "ctrl+e"}, station.Text{ZH: "满意度", EN: "Satisfaction"}, station.Text{ZH: "当场答复的,当面问满意不满意", EN: "Answered on the spot: ask face to face how satisfied they are"}, station.RightRecord, true},
	{actOpen, inSaved, []string{"f5", "ctrl+o"}, station.Text{ZH: "查看", EN: "Show"}, station.Text{ZH: "打开刚保存的登记", EN: "Open what was just saved"}, "", true},

	{actOpen, inRegister, []string{"enter"}, station.Text{ZH: "打开", EN: "Open"}, station.Text{ZH: "打开选中的登记", EN: "Open the marked reception"}, "", true},
	{actFilter, inRegister, []string{"f5", "ctrl+t"}, station.Text{ZH: "筛选", EN: "Filter"}, station.Text{ZH: "按日期、分类、处理方式筛选", EN: "By day, category and handling"}, "", true},
	{actClearFilter, inRegister, []string{"f8", "ctrl+x"}, station.Text{ZH: "清除", EN: "Clear"}, station.Text{ZH: "清除筛选和查找的文字", EN: "Take away filters and the text searched for"}, "", true},

	{actCorrect, inDetail, []string{"f4", "ctrl+e"}, station.Text{ZH: "更正", EN: "Correct"}, station.Text{ZH: "更正这条登记,原来的内容留在历史里", EN: "Correct it; the earlier text stays in the history"}, station.RightCorrectOwn, true},
	{actReveal, inDetail, []string{"f6", "ctrl+r"}, station.Text{ZH: "显示电话", EN: "Phone"}, station.Text{ZH: "显示或隐去完整的电话和身份证号", EN: "Show or hide phone and identity number in full"}, "", true},
	{actVoid, inDetail, []string{"f8", "ctrl+x"}, station.Text{ZH: "作废", EN: "Void"}, station.Text{ZH: "登记有误时作废,写明原因,编号保留", EN: "Mark as made in error, with a reason; the number stays"}, station.RightCorrectOwn, true},

	{actErase, inDetail, []string{"f7", "ctrl+d"}, station.Text{ZH: "删除个人信息", EN: "Erase"}, station.Text{ZH: "应选民要求删除姓名电话(可连同原文),要第二个人的 PIN", EN: "Erase name and phone, and if asked the words; takes a second person"}, station.RightErase, false},

	{actMatter, inDetail, []string{"f5", "ctrl+o"}, station.Text{ZH: "办理", EN: "Handling"}, station.Text{ZH: "这件事的经过和下一步", EN: "What happened to the matter, and what is next"}, "", true},

	{actStep, inQueue, []string{"f4", "ctrl+e"}, station.Text{ZH: "下一步", EN: "Next step"}, station.Text{ZH: "选中一件通常的下一步", EN: "The usual next step of the marked matter"}, "", true},
	{actStep2, inQueue, []string{"f5", "ctrl+t"}, station.Text{ZH: "另一步", EN: "Other step"}, station.Text{ZH: "第二种常办的步骤", EN: "The second usual step"}, "", true},
	{actStepMore, inQueue, []string{"f7", "ctrl+o"}, station.Text{ZH: "其他", EN: "More"}, station.Text{ZH: "还可以办的全部步骤", EN: "All that can be done now"}, "", true},
	{actOpen, inQueue, []string{"enter"}, station.Text{ZH: "打开", EN: "Open"}, station.Text{ZH: "打开选中的一件,看经过", EN: "Open the marked matter with all that happened"}, "", true},
	{actReveal, inQueue, []string{"f6", "ctrl+r"}, station.Text{ZH: "显示电话", EN: "Phone"}, station.Text{ZH: "显示选中一件的选民电话,记入审计", EN: "Show the voter's phone in full; the audit log notes it"}, "", true},

	{actStep, inMatter, []string{"f4", "ctrl+e", "enter"}, station.Text{ZH: "下一步", EN: "Next step"}, station.Text{ZH: "通常的下一步", EN: "The usual next step"}, "", true},
	{actStep2, inMatter, []string{"f5", "ctrl+t"}, station.Text{ZH: "另一步", EN: "Other step"}, station.Text{ZH: "第二种常办的步骤", EN: "The second usual step"}, "", true},
	{actStepMore, inMatter, []string{"f7", "ctrl+o"}, station.Text{ZH: "其他", EN: "More"}, station.Text{ZH: "还可以办的全部步骤", EN: "All that can be done now"}, "", true},
	{actReveal, inMatter, []string{"f6", "ctrl+r"}, station.Text{ZH: "显示电话", EN: "Phone"}, station.Text{ZH: "显示或隐去选民电话,记入审计", EN: "Show or hide the voter's phone; the audit log notes it"}, "", true},
	{actReception, inMatter, []string{"f8", "ctrl+x"}, station.Text{ZH: "登记", EN: "Reception"}, station.Text{ZH: "打开这件事所在的接待登记", EN: "Open the reception that it came from"}, "", true},

	{actPapers, inMatter, []string{"ctrl+p", "alt+p"}, station.Text{ZH: "出单", EN: "Papers"}, station.Text{ZH: "看和打印这件事的单子:回执、登记表、交办单、反馈单、告知单", EN: "Look at and print the matter's papers: receipt, form, assignment, feedback, guidance"}, "", true},
	{actPapers, inDetail, []string{"ctrl+p", "alt+p"}, station.Text{ZH: "出单", EN: "Papers"}, station.Text{ZH: "看和打印回执、登记表等单子", EN: "Look at and print the receipt, the form and other papers"}, "", false},
	{actPapers, inSaved, []string{"ctrl+p", "alt+p"}, station.Text{ZH: "回执", EN: "Receipt"}, station.Text{ZH: "看和打印给选民的回执", EN: "Look at and print the voter's receipt"}, "", true},
	{actPrint, inPaper, []string{"f10", "ctrl+p"}, station.Text{ZH: "打印", EN: "Print"}, station.Text{ZH: "打印显示的这张", EN: "Print the one that is shown"}, "", true},
	{actReveal, inPaper, []string{"f6", "ctrl+r"}, station.Text{ZH: "写全名", EN: "In full"}, station.Text{ZH: "单子上写全姓名电话,记入审计;再按一次隐去", EN: "Name and phone in full, which the audit log notes; once more hides them"}, "", true},

	{actSave, inStep, []string{"f10", "ctrl+s"}, station.Text{ZH: "办理", EN: "Do it"}, station.Text{ZH: "办这一步;最后一项上按 Enter 也行", EN: "Do this step; Enter on the last field does too"}, "", true},

	{actOpen, inLookup, []string{"enter"}, station.Text{ZH: "打开", EN: "Open"}, station.Text{ZH: "打开选中的一件,看经过", EN: "Open the marked matter with all that happened"}, "", true},
	{actReveal, inLookup, []string{"f6", "ctrl+r"}, station.Text{ZH: "显示姓名", EN: "Name"}, station.Text{ZH: "显示选中一件的选民姓名和电话,记入审计", EN: "Show the voter's name and phone; the audit log notes it"}, "", true},

	{actNewSession, inSessions, []string{"f6", "ctrl+n"}, station.Text{ZH: "开设", EN: "New"}, station.Text{ZH: "开设今天的场次", EN: "Open a session of today"}, station.RightSession, true},
	{actEditSession, inSessions, []string{"f4", "ctrl+e", "enter"}, station.Text{ZH: "更改", EN: "Change"}, station.Text{ZH: "更改选中的场次:代表、时间、主题", EN: "Change the marked session: deputies, time, theme"}, station.RightSession, true},
	{actCloseSession, inSessions, []string{"f8", "ctrl+x"}, station.Text{ZH: "结束", EN: "Close"}, station.Text{ZH: "结束选中的场次;已结束的重新开始", EN: "Close the marked session, or open it again"}, station.RightSession, true},
	{actSave, inSession, []string{"f10", "ctrl+s"}, station.Text{ZH: "保存", EN: "Save"}, station.Text{ZH: "保存场次", EN: "Save the session"}, station.RightSession, true},

	{actSync, inSync, []string{"f9", "alt+s"}, station.Text{ZH: "立即同步", EN: "Sync now"}, station.Text{ZH: "立即上报市里并取回答复", EN: "Send to the city now"}, station.RightSync, true},
	{actEnrol, inEnrol, []string{"f10", "ctrl+s"}, station.Text{ZH: "接入", EN: "Join"}, station.Text{ZH: "用地址和接入码接入市级", EN: "Join the city with address and code"}, station.RightSync, true},

	{actReveal, inDeputies, []string{"f6", "ctrl+r"}, station.Text{ZH: "显示电话", EN: "Phone"}, station.Text{ZH: "显示或隐去选中代表的电话", EN: "Show or hide the marked deputy's phone"}, "", true},

	{actPrevMonth, inTotals, []string{"f5", "alt+left"}, station.Text{ZH: "上月", EN: "Month before"}, station.Text{ZH: "前一个月(也可按 ←)", EN: "The month before (also ←)"}, "", true},
	{actRates, inTotals, []string{"f7", "ctrl+r"}, station.Text{ZH: "比率", EN: "Rates"}, station.Text{ZH: "这个月的各项比率、定义和背后的事项", EN: "The month's rates, what each means and the matters behind it"}, "", true},
	{actOpen, inRates, []string{"enter"}, station.Text{ZH: "明细", EN: "Matters"}, station.Text{ZH: "列出选中比率背后的事项", EN: "List the matters behind the marked rate"}, "", true},
	{actNextList, inRates, []string{"f5", "ctrl+t"}, station.Text{ZH: "分组", EN: "Group"}, station.Text{ZH: "换看:合计、按站、按单位、按分类", EN: "Change between all, by station, by unit and by category"}, "", true},
	{actOpen, inRateRows, []string{"enter"}, station.Text{ZH: "打开", EN: "Open"}, station.Text{ZH: "打开选中的事项", EN: "Open the marked matter"}, "", true},
	{actNextMonth, inTotals, []string{"f6", "alt+right"}, station.Text{ZH: "下月", EN: "Next month"}, station.Text{ZH: "后一个月(也可按 →)", EN: "The month after (also →)"}, "", true},

	{actAdd, inUsers, []string{"f6", "ctrl+n"}, station.Text{ZH: "添加", EN: "Add"}, station.Text{ZH: "添加账号", EN: "Add an account"}, station.RightUsers, true},
	{actResetPIN, inUsers, []string{"f7", "ctrl+r"}, station.Text{ZH: "重设 PIN", EN: "Set PIN"}, station.Text{ZH: "为选中的账号设置新的 PIN", EN: "Give the marked account a new PIN"}, station.RightUsers, true},
	{actUntil, inUsers, []string{"f4", "ctrl+e"}, station.Text{ZH: "期限", EN: "Last day"}, station.Text{ZH: "选中的账号用到哪一天为止", EN: "Until which day the marked account may be used"}, station.RightUsers, true},
	{actRemove, inUsers, []string{"f8", "ctrl+x"}, station.Text{ZH: "删除", EN: "Remove"}, station.Text{ZH: "删除选中的账号(会先问)", EN: "Remove the marked account, after asking"}, station.RightUsers, true},
	{actSave, inUser, []string{"f10", "ctrl+s"}, station.Text{ZH: "保存", EN: "Save"}, station.Text{ZH: "添加这个账号", EN: "Add this account"}, station.RightUsers, true},

	{actRefresh, inGuests, []string{"f5", "ctrl+r"}, station.Text{ZH: "刷新", EN: "Refresh"}, station.Text{ZH: "重新读一遍;每分钟也会自动刷新", EN: "Read the list again; every minute it is read by itself"}, station.RightGuests, true},
	{actEndGuest, inGuests, []string{"f8", "ctrl+x"}, station.Text{ZH: "结束会话", EN: "End"}, station.Text{ZH: "结束选中的会话(会先问)", EN: "End the marked session, after asking"}, station.RightGuests, true},

	{actSave, inSettings, []string{"f10", "ctrl+s"}, station.Text{ZH: "保存", EN: "Save"}, station.Text{ZH: "保存本机的设置", EN: "Save the settings of this machine"}, station.RightSettings, true},
	{actSave, inFirstPIN, []string{"f10", "ctrl+s"}, station.Text{ZH: "更改", EN: "Change"}, station.Text{ZH: "换成新的 PIN 并开始", EN: "Take the new PIN and begin"}, "", true},
	{actOwnPIN, inSettings, []string{"f7", "ctrl+r"}, station.Text{ZH: "改 PIN", EN: "My PIN"}, station.Text{ZH: "更改自己的 PIN", EN: "Change one's own PIN"}, "", true},
	{actOwnPIN, inOwnSettings, []string{"f7", "ctrl+r"}, station.Text{ZH: "改 PIN", EN: "My PIN"}, station.Text{ZH: "更改自己的 PIN", EN: "Change one's own PIN"}, "", true},

	{actRegister, inCity, []string{"1"}, station.Text{ZH: "台账", EN: "Register"}, station.Text{ZH: "各站的全部登记,新的在前", EN: "All receptions of all stations, newest first"}, station.RightSeeAll, false},
	{actStations, inCity, []string{"2"}, station.Text{ZH: "站点", EN: "Stations"}, station.Text{ZH: "各站最近联系、时钟、疑点、分叉;发接入码", EN: "When each was last heard of, clocks, doubts, forks; codes to join with"}, station.RightStatus, false},
	{actLetters, inCity, []string{"3"}, station.Text{ZH: "来文", EN: "Letters"}, station.Text{ZH: "通报和征询意见函:谁阅了,谁回了", EN: "Notices and requests: who has read, who has answered"}, station.RightLetters, false},
	{actLists, inCity, []string{"4"}, station.Text{ZH: "名录", EN: "Lists"}, station.Text{ZH: "承办单位、市领导、对口工委、代表小组、代表", EN: "Units, leaders, committees, groups, deputies"}, "", false},
	{actRules, inCity, []string{"5"}, station.Text{ZH: "规则", EN: "Rules"}, station.Text{ZH: "办理期限、结果分类、工作日", EN: "Time limits, result classes, working days"}, "", false},
	{actTotals, inCity, []string{"6"}, station.Text{ZH: "统计", EN: "Totals"}, station.Text{ZH: "各站一个月的数字", EN: "A month of all stations in figures"}, station.RightSeeAll, false},
	{actUsers, inCity, []string{"7"}, station.Text{ZH: "账号", EN: "Users"}, station.Text{ZH: "账号、角色、PIN 和公钥", EN: "Accounts, roles, PINs and keys"}, station.RightUsers, false},
	{actSettings, inCity, []string{"8"}, station.Text{ZH: "设置", EN: "Settings"}, station.Text{ZH: "语言、配色、锁屏", EN: "Language, theme, lock"}, "", false},
	{actAudit, inCity, []string{"9"}, station.Text{ZH: "审计", EN: "Audit"}, station.Text{ZH: "谁在什么时候做了什么", EN: "Who did what, and when"}, station.RightAudit, false},
	{actGuests, inCity, []string{"0"}, station.Text{ZH: "在线", EN: "Connected"}, station.Text{ZH: "谁连着,从哪里来;可以结束一个会话", EN: "Who is connected, from where; end a session"}, station.RightGuests, false},
	{actOpen, inCity, []string{"enter"}, station.Text{ZH: "打开", EN: "Open"}, station.Text{ZH: "打开选中的一行;←→ 换到另一边", EN: "Open the marked line; ←→ change sides"}, "", true},
	{actSuggestions, inCity, []string{"f7", "ctrl+g"}, station.Text{ZH: "建议", EN: "Suggestions"}, station.Text{ZH: "代表建议,和五个督办还缺什么", EN: "Deputies' suggestions, and what the five supervisions lack"}, station.RightSeeAll, true},
	{actSuggestions, inHome, []string{"f8", "ctrl+g"}, station.Text{ZH: "建议", EN: "Suggestions"}, station.Text{ZH: "与本站有关的代表建议", EN: "Deputies' suggestions that concern the station"}, "", false},
	{actOpen, inSuggestions, []string{"enter"}, station.Text{ZH: "打开", EN: "Open"}, station.Text{ZH: "打开选中的建议,看全部经过", EN: "Open the marked suggestion with all that happened"}, "", true},
	{actStep, inSuggestions, []string{"f4", "ctrl+e"}, station.Text{ZH: "下一步", EN: "Next"}, station.Text{ZH: "选中一件通常的下一步:交办、录入答复、代表评价;缺的督办,去办", EN: "The usual next act: assign, enter the reply, appraise; or do what is missing"}, station.RightRules, true},
	{actAdd, inSuggestions, []string{"f6", "ctrl+n"}, station.Text{ZH: "录入", EN: "New"}, station.Text{ZH: "录入一件建议;在督办那边是记一次督办", EN: "Enter a suggestion, or an act of supervision"}, station.RightRules, true},
	{actStepMore, inSuggestions, []string{"f7", "ctrl+o"}, station.Text{ZH: "其他", EN: "More"}, station.Text{ZH: "还可以办的全部:重点、领衔、联名、督办、撤回", EN: "All that can be done: key mark, leader, co-signer, supervision, withdrawal"}, station.RightRules, true},
	{actNextList, inSuggestions, []string{"f5", "ctrl+t"}, station.Text{ZH: "督办", EN: "Supervision"}, station.Text{ZH: "换看:建议、五个督办还缺什么、督办记录", EN: "Change between suggestions, what the five supervisions lack, and their log"}, "", true},

	{actStep, inSuggestion, []string{"f4", "ctrl+e"}, station.Text{ZH: "下一步", EN: "Next"}, station.Text{ZH: "通常的下一步:交办、录入答复、代表评价", EN: "The usual next act: assign, enter the reply, appraise"}, station.RightRules, true},
	{actMatter, inSuggestion, []string{"f5", "ctrl+t"}, station.Text{ZH: "来源事项", EN: "Matter"}, station.Text{ZH: "打开它来自的选民事项", EN: "Open the voter's matter that it came from"}, "", true},
	{actAdd, inSuggestion, []string{"f6", "ctrl+n"}, station.Text{ZH: "记督办", EN: "Supervise"}, station.Text{ZH: "记一次对它的督办", EN: "Record an act of supervision of it"}, station.RightRules, true},
	{actStepMore, inSuggestion, []string{"f7", "ctrl+o"}, station.Text{ZH: "其他", EN: "More"}, station.Text{ZH: "还可以办的全部:重点、领衔、联名、督办、撤回", EN: "All that can be done: key mark, leader, co-signer, supervision, withdrawal"}, station.RightRules, true},

	{actSave, inEntry, []string{"f10", "ctrl+s"}, station.Text{ZH: "保存", EN: "Save"}, station.Text{ZH: "记录;最后一项上按 Enter 也行", EN: "Record it; Enter on the last field does too"}, "", true},
	{actDiscard, inEntry, []string{"f8", "ctrl+x"}, station.Text{ZH: "清空", EN: "Discard"}, station.Text{ZH: "丢弃填好的内容(会先问)", EN: "Throw away what was typed, after asking"}, "", true},

	{actLetters, inHome, []string{"f7", "ctrl+l"}, station.Text{ZH: "来文", EN: "Letters"}, station.Text{ZH: "市里的通报和征询意见函", EN: "Notices and requests of the city"}, station.RightLetters, true},

	{actOpen, inStations, []string{"enter"}, station.Text{ZH: "台账", EN: "Register"}, station.Text{ZH: "选中这个站的全部登记", EN: "All receptions of the marked station"}, station.RightSeeAll, true},
	{actInvite, inStations, []string{"f6", "ctrl+n"}, station.Text{ZH: "发接入码", EN: "Invite"}, station.Text{ZH: "给一个站发一次性接入码", EN: "Give a station a one-time code to join with"}, station.RightSettings, true},

	{actOpen, inLetters, []string{"enter"}, station.Text{ZH: "打开", EN: "Open"}, station.Text{ZH: "打开选中的一份", EN: "Open the marked one"}, "", true},
	{actWrite, inLetters, []string{"f6", "ctrl+n"}, station.Text{ZH: "写一份", EN: "Write"}, station.Text{ZH: "写通报或征询意见函", EN: "Write a notice or a request"}, station.RightRules, true},
	{actMarkRead, inNotice, []string{"f10", "ctrl+s"}, station.Text{ZH: "已阅", EN: "Read"}, station.Text{ZH: "登记自己已经阅知", EN: "Mark that one has read it"}, station.RightAnswer, true},
	{actAnswer, inConsult, []string{"f10", "ctrl+s"}, station.Text{ZH: "回函", EN: "Answer"}, station.Text{ZH: "写或更正本站的回函", EN: "Write or correct the station's answer"}, station.RightAnswer, true},
	{actSave, inWriting, []string{"f10", "ctrl+s"}, station.Text{ZH: "发出", EN: "Send"}, station.Text{ZH: "发出这一份(会再问一次)", EN: "Send it, after asking once more"}, station.RightRules, true},
	{actDiscard, inWriting, []string{"f8", "ctrl+x"}, station.Text{ZH: "清空", EN: "Discard"}, station.Text{ZH: "丢弃这张草稿(会先问)", EN: "Throw this draft away, after asking"}, station.RightRules, true},

	{actNextList, inLists, []string{"f5", "ctrl+t"}, station.Text{ZH: "换名录", EN: "Next list"}, station.Text{ZH: "单位、领导、工委、小组、代表轮换", EN: "Go on to the next list"}, "", true},
	{actAdd, inLists, []string{"f6", "ctrl+n"}, station.Text{ZH: "添加", EN: "Add"}, station.Text{ZH: "在这个名录里添加一条", EN: "Add a record to this list"}, station.RightRules, true},
	{actChange, inLists, []string{"f4", "ctrl+e", "enter"}, station.Text{ZH: "更改", EN: "Change"}, station.Text{ZH: "更改选中的一条,随下次同步到各站", EN: "Change the marked record; stations have it with the next sync"}, station.RightRules, true},
	{actRemove, inLists, []string{"f8", "ctrl+x"}, station.Text{ZH: "撤销", EN: "End"}, station.Text{ZH: "撤销选中的一条,写明原因;不删除,可以恢复", EN: "End the marked record, with a reason; it is not deleted and can be restored"}, station.RightRules, true},
	{actSave, inRecord, []string{"f10", "ctrl+s"}, station.Text{ZH: "保存", EN: "Save"}, station.Text{ZH: "保存这一条;最后一项上按 Enter 也行", EN: "Save the record; Enter on the last field does too"}, station.RightRules, true},
	{actMore, inRecord, []string{"f6", "ctrl+n"}, station.Text{ZH: "再加任职", EN: "Another seat"}, station.Text{ZH: "这位代表在另一级的任职", EN: "A seat of this deputy at another level"}, station.RightRules, true},

	{actAdd, inRules, []string{"f6", "ctrl+n"}, station.Text{ZH: "加期限", EN: "Add limit"}, station.Text{ZH: "照选中的加一条办理期限,写明从哪天起;原来的留着", EN: "Add a limit like the marked one, with the day from which it holds; the one before stays"}, station.RightRules, true},
	{actAddClass, inRules, []string{"f7", "ctrl+r"}, station.Text{ZH: "加结果", EN: "Add result"}, station.Text{ZH: "加一类办理结果,或开始一个新的方案", EN: "Add a result class, or begin a new scheme"}, station.RightRules, true},
	{actChange, inRules, []string{"f4", "ctrl+e", "enter"}, station.Text{ZH: "更改", EN: "Change"}, station.Text{ZH: "更改选中的一条;已经生效的不能改", EN: "Change the marked one; what is in force is not changed"}, station.RightRules, true},

	{actSave, inGuide, []string{"f10", "ctrl+s"}, station.Text{ZH: "建站", EN: "Make"}, station.Text{ZH: "建立联络站和站长账号", EN: "Make the station and the head's account"}, "", true},
	{actBegin, inGuideDone, []string{"enter"}, station.Text{ZH: "开始", EN: "Begin"}, station.Text{ZH: "以站长身份进入", EN: "Go in as the head"}, "", true},
}

// keyOf is the first key of an action in a scope, as it stands on the
// keyboard.
func (e *env) keyOf(s scope, id action) string {
	for _, b := range bindings {
		if b.scope == s && b.id == id {
			return e.show(keyName(b.keys[0]))
		}
	}
	return ""
}

// keyName writes a key the way it stands on the keyboard.
func keyName(k string) string {
	if len(k) > 1 && k[0] == 'f' && strings.Trim(k[1:], "0123456789") == "" {
		return strings.ToUpper(k)
	}
	parts := strings.Split(k, "+")
	for i, p := range parts {
		switch p {
		case "pgup":
			parts[i] = "PgUp"
		case "pgdown":
			parts[i] = "PgDn"
		case "up":
			parts[i] = "↑"
		case "down":
			parts[i] = "↓"
		case "left":
			parts[i] = "←"
		case "right":
			parts[i] = "→"
		default:
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
			if i > 0 && len(p) == 1 {
				parts[i] = strings.ToUpper(p)
			}
		}
	}
	return strings.Join(parts, "+")
}

// lookup finds the binding for a key in a scope, then everywhere.
func lookup(s scope, key string) (binding, bool) {
	for _, at := range [...]scope{s, everywhere} {
		for _, b := range bindings {
			if b.scope != at {
				continue
			}
			for _, k := range b.keys {
				if k == key {
					return b, true
				}
			}
		}
	}
	return binding{}, false
}
