package tui

import "liaison/station"

// The words of the pages beyond home and the form; they count on from those
// in words.go.
const (
	wRegister = word(len(words)) + iota
	wFind
	wFindHint
	wRows
	wNoFilter
	wFilter
	wClear
	wFrom
	wTo
	wFilterDayHint
	wFilterCategoryHint
	wAny
	wSince
	wUntil
	wNumber
	wWhen
	wMatter
	wCategoryShort
	wDialogKeys
	wRequired
	wOptional
	wTimeOf
	wEnteredBy
	wDeputies
	wVoter
	wNoPhone
	wAddress
	wIDCard
	wMatterVillage
	wTitle
	wDue
	wRivals
	wRivalsText
	wHistory
	wHistRecorded
	wHistCorrected
	wHistVoided
	wHistAdded
	wColon
	wEmpty
	wVoidWhy
	wVoidSure
	wVoided
	wIsVoid
	wNotYours
	wSessions
	wNoSessions
	wVisitsMatters
	wState
	wWhere
	wWhereHint
	wCounts
	wNewSession
	wNewSessionHint
	wSessionOf
	wByPlan
	wPlace
	wTopic
	wTheme
	wThemeHint
	wStart
	wEnd
	wEndBefore
	wClockHint
	wSessionSaved
	wCloseSession
	wReopenSession
	wSessionClosed
	wSessionOpen
	wSync
	wNoLine
	wEnrolHead
	wEnrolHint
	wCityAddress
	wEnrolCode
	wEnrolCodeHint
	wEnrolling
	wEnrolled
	wCity
	wConfirmedLabel
	wConfirmedOf
	wLastSync
	wLastTry
	wNextSync
	wNever
	wLastError
	wClock
	wSkew
	wSyncDone
	wSyncHint
	wNoRoster
	wPeople
	wLevel
	wGroup
	wPost
	wCert
	wMandate
	wTotals
	wMonthOf
	wTotalsLine
	wTotalsMore
	wOnSpotRate
	wOnSpotDef
	wByDisposition
	wByCategory
	wByVillage
	wByModes
	wFixedTime
	wAnyTime
	wFixedPlace
	wAnyPlace
	wFixedTopic
	wAnyTopic
	wUsers
	wRole
	wKeys
	wNone
	wIsSet
	wYou
	wNewUser
	wNewUserHint
	wWhichDeputy
	wPublicKey
	wPublicKeyHint
	wKeyWrong
	wUserAdded
	wRemoveSure
	wRemoved
	wPINOf
	wNewPIN
	wOldPIN
	wPINAgain
	wPINDiffers
	wPINSet
	wSettings
	wLanguage
	wThemeOf
	wThemeAuto
	wThemeLight
	wThemeDark
	wThemeContrast
	wThemePlain
	wIdle
	wIdleHint
	wSyncAt
	wSyncEvery
	wSyncEveryHint
	wNumberRange
	wPhrasesHint
	wSettingsSaved
	wSessionOnly
	wOwnerNoPIN
	wKeyOnly
	wVersion
	wGuide
	wGuideHead
	wGuideIntro
	wStationCode
	wStationName
	wStationNameHint
	wCodeWrong
	wHeadHint
	wHeadName
	wGuideDone
	wGuideBackup
	wGuideColleagues
	wGuideLists
	wGuideEnter
	wAudit
	wAuditHint
	wAct
	wAllActs
	wWho
	wObject
	wFirstPIN
	wFirstPINHint
	wordsEnd
)

// text is a word in both languages.
func (w word) text() station.Text {
	if int(w) < len(words) {
		return words[w]
	}
	return pageWords[int(w)-len(words)]
}

// pageWords goes on where words ends.
var pageWords = [...]station.Text{
	wRegister - wRegister:           {ZH: "台账", EN: "Register"},
	wFind - wRegister:               {ZH: "查找", EN: "Find"},
	wFindHint - wRegister:           {ZH: "编号、姓名或首字母、电话后四位、标题", EN: "number, name or initials, last digits of a phone, title"},
	wRows - wRegister:               {ZH: "%d 条", EN: "%d found"},
	wNoFilter - wRegister:           {ZH: "全部登记,新的在前。%s 按日期、分类、处理筛选", EN: "All receptions, newest first. %s filters by day, category, handling"},
	wFilter - wRegister:             {ZH: "筛选", EN: "Filter"},
	wClear - wRegister:              {ZH: "清除", EN: "clear"},
	wFrom - wRegister:               {ZH: "起", EN: "From"},
	wTo - wRegister:                 {ZH: "止", EN: "To"},
	wFilterDayHint - wRegister:      {ZH: "如 817、昨天;空着不限", EN: "817, 昨天; empty: any"},
	wFilterCategoryHint - wRegister: {ZH: "一位数字为一级分类;空着不限", EN: "one digit takes a whole branch; empty: any"},
	wAny - wRegister:                {ZH: "不限", EN: "Any"},
	wSince - wRegister:              {ZH: "%s 起", EN: "since %s"},
	wUntil - wRegister:              {ZH: "%s 止", EN: "until %s"},
	wNumber - wRegister:             {ZH: "编号", EN: "Number"},
	wWhen - wRegister:               {ZH: "时间", EN: "When"},
	wMatter - wRegister:             {ZH: "事项", EN: "Matter"},
	wCategoryShort - wRegister:      {ZH: "类", EN: "Ct"},
	wDialogKeys - wRegister:         {ZH: "Enter 下一项   F10 确定   Esc 取消", EN: "Enter next   F10 OK   Esc cancel"},
	wRequired - wRegister:           {ZH: "这一项要填", EN: "this one is needed"},
	wOptional - wRegister:           {ZH: "可以不填", EN: "optional"},
	wTimeOf - wRegister:             {ZH: "时间", EN: "Time"},
	wEnteredBy - wRegister:          {ZH: "登记人", EN: "Entered by"},
	wDeputies - wRegister:           {ZH: "代表", EN: "Deputies"},
	wVoter - wRegister:              {ZH: "选民", EN: "Voter"},
	wNoPhone - wRegister:            {ZH: "没有电话", EN: "no phone"},
	wAddress - wRegister:            {ZH: "住址", EN: "Address"},
	wIDCard - wRegister:             {ZH: "身份证", EN: "ID card"},
	wMatterVillage - wRegister:      {ZH: "问题属地", EN: "Lies in"},
	wTitle - wRegister:              {ZH: "标题", EN: "Title"},
	wDue - wRegister:                {ZH: "期限 %s", EN: "due %s"},
	wRivals - wRegister:             {ZH: "两份", EN: "Two versions"},
	wRivalsText - wRegister:         {ZH: "另有 %d 个未合并的修改(恢复备份后产生)。以这一份为准;请对照历史,必要时更正。", EN: "%d more revisions stand beside this one (after a restore). This one counts; compare the history and correct it if need be."},
	wHistory - wRegister:            {ZH: "历史", EN: "History"},
	wHistRecorded - wRegister:       {ZH: "登记", EN: "recorded"},
	wHistCorrected - wRegister:      {ZH: "更正", EN: "corrected"},
	wHistVoided - wRegister:         {ZH: "作废", EN: "made void"},
	wHistAdded - wRegister:          {ZH: "补记一件", EN: "matter added"},
	wColon - wRegister:              {ZH: ":", EN: ": "},
	wEmpty - wRegister:              {ZH: "(空)", EN: "(empty)"},
	wVoidWhy - wRegister:            {ZH: "作废 %s 的原因(编号和内容都会留下):", EN: "Why is %s void? Its number and text stay."},
	wVoidSure - wRegister:           {ZH: "作废 %s?作废后不能恢复。", EN: "Make %s void? This cannot be undone."},
	wVoided - wRegister:             {ZH: "%s 已作废", EN: "%s is void now"},
	wIsVoid - wRegister:             {ZH: "这条登记已作废,不能再改", EN: "this reception is void and cannot be changed"},
	wNotYours - wRegister:           {ZH: "只能更正自己登记的;别人登记的请找站长", EN: "you may correct what you recorded yourself; for this one ask the head"},
	wSessions - wRegister:           {ZH: "接待场次", EN: "Sessions"},
	wNoSessions - wRegister:         {ZH: "还没有场次。F6 开设今天的场次;不开也行,第一条登记会自动开设。", EN: "No sessions yet. F6 opens today's; the first reception does so too."},
	wVisitsMatters - wRegister:      {ZH: "批/件", EN: "Vis/Mat"},
	wState - wRegister:              {ZH: "状态", EN: "State"},
	wWhere - wRegister:              {ZH: "地点", EN: "Where"},
	wWhereHint - wRegister:          {ZH: "进站可以不填", EN: "may stay empty at the station"},
	wCounts - wRegister:             {ZH: "登记", EN: "Recorded"},
	wNewSession - wRegister:         {ZH: "开设场次", EN: "New session"},
	wNewSessionHint - wRegister:     {ZH: "开设今天的场次", EN: "Open a session of today"},
	wSessionOf - wRegister:          {ZH: "更改 %s(%s)", EN: "Change %s (%s)"},
	wByPlan - wRegister:             {ZH: "时间方式", EN: "By plan"},
	wPlace - wRegister:              {ZH: "地点方式", EN: "Place"},
	wTopic - wRegister:              {ZH: "主题方式", EN: "Topic"},
	wTheme - wRegister:              {ZH: "主题", EN: "Theme"},
	wThemeHint - wRegister:          {ZH: "如:停车与交通秩序", EN: "e.g. parking and traffic"},
	wStart - wRegister:              {ZH: "开始", EN: "Begins"},
	wEnd - wRegister:                {ZH: "结束", EN: "Ends"},
	wEndBefore - wRegister:          {ZH: "结束早于开始", EN: "it ends before it begins"},
	wClockHint - wRegister:          {ZH: "如 900、9点半", EN: "e.g. 900, 9:30"},
	wSessionSaved - wRegister:       {ZH: "场次 %s 已保存", EN: "session %s saved"},
	wCloseSession - wRegister:       {ZH: "结束场次 %s", EN: "Close session %s"},
	wReopenSession - wRegister:      {ZH: "重新开始场次 %s", EN: "Open session %s again"},
	wSessionClosed - wRegister:      {ZH: "场次 %s 已结束", EN: "session %s is closed"},
	wSessionOpen - wRegister:        {ZH: "场次 %s 重新开始", EN: "session %s is open again"},
	wSync - wRegister:               {ZH: "同步", EN: "Sync"},
	wNoLine - wRegister:             {ZH: "这个程序没有连接市级的部分。登记照常,数据都在本机。", EN: "This process has no line to a city. Receptions go on; everything is kept here."},
	wEnrolHead - wRegister:          {ZH: "接入市级", EN: "Join a city"},
	wEnrolHint - wRegister:          {ZH: "市级管理员给出地址和一次性的接入码。接入以后每晚自动上报,也可以按 F9 立即上报。选民姓名和电话不随件上报,只有报市转办、代表建议、委托上级代表的件例外。", EN: "The city's administrator gives an address and a code that works once. After that entries go to the city every night, and whenever you press F9. Names and phones stay here, except where the city, a proposal or a higher deputy must call the voter."},
	wCityAddress - wRegister:        {ZH: "市级地址", EN: "Address"},
	wEnrolCode - wRegister:          {ZH: "接入码", EN: "Code"},
	wEnrolCodeHint - wRegister:      {ZH: "只能用一次", EN: "works once"},
	wEnrolling - wRegister:          {ZH: "正在接入…", EN: "joining…"},
	wEnrolled - wRegister:           {ZH: "已接入市级", EN: "the city has taken the station in"},
	wCity - wRegister:               {ZH: "市级", EN: "City"},
	wConfirmedLabel - wRegister:     {ZH: "已确认", EN: "Confirmed"},
	wConfirmedOf - wRegister:        {ZH: "%d / %d 条", EN: "%d of %d entries"},
	wLastSync - wRegister:           {ZH: "上次完成", EN: "Last done"},
	wLastTry - wRegister:            {ZH: "上次尝试", EN: "Last try"},
	wNextSync - wRegister:           {ZH: "下次", EN: "Next"},
	wNever - wRegister:              {ZH: "还没有过", EN: "never yet"},
	wLastError - wRegister:          {ZH: "没有成功", EN: "Failed"},
	wClock - wRegister:              {ZH: "时钟", EN: "Clock"},
	wSkew - wRegister:               {ZH: "本机与市级相差 %s,请校准本机时钟;登记的次序不受影响", EN: "this machine differs from the city by %s; set its clock. The order of records is not affected."},
	wSyncDone - wRegister:           {ZH: "同步完成,市级已确认 %d 条", EN: "synced; the city has confirmed %d"},
	wSyncHint - wRegister:           {ZH: "F9 立即同步。同步在后台进行,可以离开这一页。", EN: "F9 syncs now. It runs behind; you may leave this page."},
	wNoRoster - wRegister:           {ZH: "还没有名册。请用 kiosk import deputies 导入。", EN: "There is no roster yet. Import one with kiosk import deputies."},
	wPeople - wRegister:             {ZH: "%d 人", EN: "%d found"},
	wLevel - wRegister:              {ZH: "层级", EN: "Level"},
	wGroup - wRegister:              {ZH: "代表小组", EN: "Group"},
	wPost - wRegister:               {ZH: "单位职务", EN: "Post"},
	wCert - wRegister:               {ZH: "代表证号", EN: "Card no."},
	wMandate - wRegister:            {ZH: "任职", EN: "Mandate"},
	wTotals - wRegister:             {ZH: "统计", EN: "Totals"},
	wMonthOf - wRegister:            {ZH: "%d 年 %d 月", EN: "%d-%02d"},
	wTotalsLine - wRegister:         {ZH: "场次 %d   代表 %d 人次   批次 %d   人次 %d   件 %d", EN: "%d sessions   %d deputies   %d visits   %d persons   %d matters"},
	wTotalsMore - wRegister:         {ZH: "补录 %d   作废 %d", EN: "%d entered late   %d void"},
	wOnSpotRate - wRegister:         {ZH: "当场答复率", EN: "Answered on the spot"},
	wOnSpotDef - wRegister:          {ZH: "当场答复的件数 ÷ 全部件数;作废不计", EN: "matters answered on the spot ÷ all matters; void ones left out"},
	wByDisposition - wRegister:      {ZH: "处理方式", EN: "Handling"},
	wByCategory - wRegister:         {ZH: "一级分类", EN: "Category"},
	wByVillage - wRegister:          {ZH: "村(社区),前十", EN: "Villages, top ten"},
	wByModes - wRegister:            {ZH: "三定三不定(场次)", EN: "Modes (sessions)"},
	wFixedTime - wRegister:          {ZH: "定时", EN: "fixed time"},
	wAnyTime - wRegister:            {ZH: "不定时", EN: "any time"},
	wFixedPlace - wRegister:         {ZH: "定点", EN: "station"},
	wAnyPlace - wRegister:           {ZH: "不定点", EN: "elsewhere"},
	wFixedTopic - wRegister:         {ZH: "定向", EN: "themed"},
	wAnyTopic - wRegister:           {ZH: "不定向", EN: "open"},
	wUsers - wRegister:              {ZH: "账号", EN: "Users"},
	wRole - wRegister:               {ZH: "角色", EN: "Role"},
	wKeys - wRegister:               {ZH: "公钥", EN: "Keys"},
	wNone - wRegister:               {ZH: "无", EN: "none"},
	wIsSet - wRegister:              {ZH: "有", EN: "set"},
	wYou - wRegister:                {ZH: "(自己)", EN: "(you)"},
	wNewUser - wRegister:            {ZH: "新账号", EN: "New account"},
	wNewUserHint - wRegister:        {ZH: "PIN 用于本机登录,公钥用于远程登录;至少要有一样", EN: "A PIN signs in here, a public key over SSH; at least one is needed"},
	wWhichDeputy - wRegister:        {ZH: "哪位代表", EN: "Which deputy"},
	wPublicKey - wRegister:          {ZH: "公钥", EN: "Public key"},
	wPublicKeyHint - wRegister:      {ZH: "粘贴 ssh-ed25519 AAAA… 一整行", EN: "paste the whole line: ssh-ed25519 AAAA…"},
	wKeyWrong - wRegister:           {ZH: "这不是 SSH 公钥;请粘贴 .pub 文件里的一整行", EN: "this is no SSH public key; paste the whole line of the .pub file"},
	wUserAdded - wRegister:          {ZH: "已添加账号 %s", EN: "account %s added"},
	wRemoveSure - wRegister:         {ZH: "删除账号“%s”?此人不能再登录,登记过的内容都会保留。", EN: "Remove the account “%s”? They can no longer sign in; what they recorded stays."},
	wRemoved - wRegister:            {ZH: "已删除账号 %s", EN: "account %s removed"},
	wPINOf - wRegister:              {ZH: "设置 %s 的 PIN", EN: "Set the PIN of %s"},
	wNewPIN - wRegister:             {ZH: "新 PIN", EN: "New PIN"},
	wOldPIN - wRegister:             {ZH: "现在的 PIN", EN: "Present PIN"},
	wPINAgain - wRegister:           {ZH: "再输一遍", EN: "Once more"},
	wPINDiffers - wRegister:         {ZH: "两次输入不一样", EN: "the two differ"},
	wPINSet - wRegister:             {ZH: "%s 的 PIN 已更改", EN: "the PIN of %s is changed"},
	wSettings - wRegister:           {ZH: "设置", EN: "Settings"},
	wLanguage - wRegister:           {ZH: "语言", EN: "Language"},
	wThemeOf - wRegister:            {ZH: "配色", EN: "Theme"},
	wThemeAuto - wRegister:          {ZH: "随终端", EN: "As the terminal"},
	wThemeLight - wRegister:         {ZH: "浅色", EN: "Light"},
	wThemeDark - wRegister:          {ZH: "深色", EN: "Dark"},
	wThemeContrast - wRegister:      {ZH: "高对比", EN: "High contrast"},
	wThemePlain - wRegister:         {ZH: "无颜色", EN: "No colour"},
	wIdle - wRegister:               {ZH: "自动锁屏(分钟)", EN: "Idle lock (min)"},
	wIdleHint - wRegister:           {ZH: "空着为 10", EN: "empty: 10"},
	wSyncAt - wRegister:             {ZH: "每晚同步", EN: "Nightly sync"},
	wSyncEvery - wRegister:          {ZH: "另外每隔(分钟)", EN: "Also every (min)"},
	wSyncEveryHint - wRegister:      {ZH: "空着不另同步", EN: "empty: no"},
	wNumberRange - wRegister:        {ZH: "应为 %d 到 %d 的整数", EN: "a whole number from %d to %d"},
	wPhrasesHint - wRegister:        {ZH: "常用语一行一句,Alt+Enter 换行", EN: "one phrase a line; Alt+Enter breaks the line"},
	wSettingsSaved - wRegister:      {ZH: "设置已保存", EN: "settings saved"},
	wSessionOnly - wRegister:        {ZH: "语言和配色只对这次登录有效;本机的设置由站长或管理员更改。", EN: "Language and theme hold for this session; the head or the administrator changes the machine's."},
	wOwnerNoPIN - wRegister:         {ZH: "本机管理者不用 PIN", EN: "the owner of this machine has no PIN"},
	wKeyOnly - wRegister:            {ZH: "您用公钥登录,没有 PIN", EN: "you sign in with a key and have no PIN"},
	wVersion - wRegister:            {ZH: "程序版本 %s", EN: "version %s"},
	wGuide - wRegister:              {ZH: "首次启动", EN: "First start"},
	wGuideHead - wRegister:          {ZH: "欢迎使用联络站", EN: "Welcome"},
	wGuideIntro - wRegister:         {ZH: "这台机器上还没有联络站。填好下面几项就能开始登记;其余的都可以以后再设。", EN: "There is no station on this machine yet. Fill in these lines and you can begin; everything else can wait."},
	wStationCode - wRegister:        {ZH: "站点编码", EN: "Station code"},
	wStationName - wRegister:        {ZH: "站点名称", EN: "Station name"},
	wStationNameHint - wRegister:    {ZH: "如:曲阿街道代表联络站", EN: "e.g. Qu'a Street Liaison Station"},
	wCodeWrong - wRegister:          {ZH: "2 到 8 位大写字母和数字,字母开头,如 QA01", EN: "2 to 8 capital letters and digits, a letter first, such as QA01"},
	wHeadHint - wRegister:           {ZH: "站长的账号:管理账号和设置,可以更正全站的登记。", EN: "The head's account manages users and settings and may correct every record."},
	wHeadName - wRegister:           {ZH: "站长姓名", EN: "Head's name"},
	wGuideDone - wRegister:          {ZH: "联络站已建好", EN: "The station is ready"},
	wGuideBackup - wRegister:        {ZH: "备份:选民的姓名和电话只存在这台机器上,市级没有。请定期运行 kiosk backup 文件名,把备份放到另一块盘上;没有备份,盘坏了就再也找不回来。", EN: "Backup: voters' names and phones exist on this machine alone; the city does not have them. Run kiosk backup FILE regularly and keep the copy on another disk. Without one, a broken disk takes them for good."},
	wGuideColleagues - wRegister:    {ZH: "同事:在“账号”里为每个人添加账号,本机用 PIN 登录;贴上公钥,就能从自己的电脑用 ssh 登录。登录的地址在“设置”里。", EN: "Colleagues: add an account for each under Users. With a PIN they sign in here; with a public key, over ssh from their own computer. Settings shows the address."},
	wGuideLists - wRegister:         {ZH: "名册:kiosk import deputies 文件名、kiosk import villages 文件名,导入代表和村(社区),表格里的列按名称认。", EN: "Lists: kiosk import deputies FILE and kiosk import villages FILE bring in the roster and the villages; columns are found by name."},
	wAudit - wRegister:              {ZH: "审计", EN: "Audit log"},
	wAuditHint - wRegister:          {ZH: "编号、账号、来源", EN: "number, account, origin"},
	wAct - wRegister:                {ZH: "行为", EN: "Act"},
	wAllActs - wRegister:            {ZH: "全部", EN: "All"},
	wWho - wRegister:                {ZH: "谁", EN: "Who"},
	wObject - wRegister:             {ZH: "对象与来源", EN: "Object and origin"},
	wFirstPIN - wRegister:           {ZH: "改 PIN", EN: "New PIN"},
	wFirstPINHint - wRegister:       {ZH: "您的 PIN 是别人设的。请先换成只有您自己知道的,再开始工作。", EN: "Somebody else set your PIN. Choose one that only you know before you go on."},
	wGuideEnter - wRegister:         {ZH: "按 Enter 开始", EN: "Enter begins"},
}
