package tui

import "liaison/station"

// A word is a label of the interface.
type word uint16

const (
	wTooSmall word = iota
	wYesterday
	wSyncing
	wNotEnrolled
	wSyncFailed
	wWaiting
	wSynced
	wHome
	wTodaySession
	wNoSession
	wOpenHint
	wOngoing
	wClosed
	wOnDuty
	wNobodyOnDuty
	wToday
	wDayCounts
	wDayMatters
	wWaits
	wRecent
	wDraft
	wDraftNone
	wUnsent
	wConfirmed
	wNothingWaits
	wReception
	wSession
	wDraftKept
	wDraftNew
	wDraftBack
	wPhone
	wPhoneHint
	wName
	wNameHint
	wAnonymous
	wYes
	wNo
	wSex
	wAge
	wVillage
	wVillageHint
	wPersons
	wChannel
	wDay
	wDayHint
	wNotified
	wConfidential
	wNotice
	wMatterOf
	wContent
	wContentHint
	wCategory
	wCategoryHint
	wKind
	wAffected
	wUrgency
	wDisposition
	wReply
	wReplyHint
	wReplyBy
	wRefuse
	wEarlier
	wEarlierTake
	wSaved
	wSavedInto
	wSavedLate
	wReadAloud
	wAskDiscard
	wFieldsWrong
	wSignIn
	wWhoAreYou
	wPIN
	wLocked
	wLockedHint
	wNoUsers
	wConfirm
	wCancel
	wPhrases
	wCommands
	wTypeToFilter
	wHelp
	wKeysHere
	wKeysAlways
	wLoading
	wNothing
	wLate
	wVoid
	wOtherUser
	wPersonsRange
	wSaving
	wMatterNone
	wCorrecting
	wCorrectWhy
	wCorrected
	wPickOne
	wOverLimit
	wMoreOf
	wEarlierMore
)

// words is the one table of labels. Chinese first; a test finds what is
// missing.
var words = [...]station.Text{
	wTooSmall:     {ZH: "屏幕太小,请放大到至少 80×24。", EN: "This screen is too small; make it at least 80×24."},
	wYesterday:    {ZH: "昨天", EN: "yesterday"},
	wSyncing:      {ZH: "正在同步", EN: "syncing"},
	wNotEnrolled:  {ZH: "未接入市级", EN: "no city yet"},
	wSyncFailed:   {ZH: "同步未成,%d 条待传", EN: "sync failed, %d waiting"},
	wWaiting:      {ZH: "%d 条待传", EN: "%d waiting"},
	wSynced:       {ZH: "已同步", EN: "synced"},
	wHome:         {ZH: "首页", EN: "Home"},
	wTodaySession: {ZH: "今日接待", EN: "Session"},
	wNoSession:    {ZH: "今天还没有场次;第一条登记会自动开设", EN: "none yet; the first reception opens one"},
	wOpenHint:     {ZH: "按 3 可先排好代表和主题", EN: "press 3 to set deputies and theme first"},
	wOngoing:      {ZH: "进行中", EN: "open"},
	wClosed:       {ZH: "已结束", EN: "closed"},
	wOnDuty:       {ZH: "值班代表", EN: "On duty"},
	wNobodyOnDuty: {ZH: "未填", EN: "not set"},
	wToday:        {ZH: "今天", EN: "Today"},
	wDayCounts:    {ZH: "%d 批  %d 人次  %d 件", EN: "%d visits  %d persons  %d matters"},
	wDayMatters:   {ZH: "当场答复 %d   转交 %d", EN: "answered %d   handed on %d"},
	wWaits:        {ZH: "待办", EN: "Waiting"},
	wRecent:       {ZH: "最近登记", EN: "Latest"},
	wDraft:        {ZH: "草稿", EN: "Draft"},
	wDraftNone:    {ZH: "(未填姓名)", EN: "(no name yet)"},
	wUnsent:       {ZH: "未上传", EN: "Unsent"},
	wConfirmed:    {ZH: "市级已确认 %d 条 %s", EN: "%d confirmed by the city %s"},
	wNothingWaits: {ZH: "没有待办", EN: "nothing waits"},
	wReception:    {ZH: "接待登记", EN: "Reception"},
	wSession:      {ZH: "场次", EN: "Session"},
	wDraftKept:    {ZH: "草稿已存 %s", EN: "draft kept %s"},
	wDraftNew:     {ZH: "新登记", EN: "new"},
	wDraftBack:    {ZH: "已恢复上次没保存的草稿(%s)", EN: "Your unsaved draft of %s is back"},
	wPhone:        {ZH: "电话", EN: "Phone"},
	wPhoneHint:    {ZH: "手机号或后四位,没有填“无”", EN: "number or last 4; “none” if none"},
	wName:         {ZH: "姓名", EN: "Name"},
	wNameHint:     {ZH: "姓名或首字母", EN: "name or initials"},
	wAnonymous:    {ZH: "不愿署名", EN: "Anonymous"},
	wYes:          {ZH: "是", EN: "yes"},
	wNo:           {ZH: "否", EN: "no"},
	wSex:          {ZH: "性别", EN: "Sex"},
	wAge:          {ZH: "年龄段", EN: "Age"},
	wVillage:      {ZH: "村居", EN: "Village"},
	wVillageHint:  {ZH: "首字母,如 qa", EN: "initials, e.g. qa"},
	wPersons:      {ZH: "人次", EN: "Persons"},
	wChannel:      {ZH: "方式", EN: "Channel"},
	wDay:          {ZH: "日期", EN: "Day"},
	wDayHint:      {ZH: "今天;补录填 817、昨天", EN: "today; or 817, 昨天"},
	wNotified:     {ZH: "已告知", EN: "Told"},
	wConfidential: {ZH: "要求保密", EN: "In confidence"},
	wNotice:       {ZH: "请告知选民:姓名电话只为答复办理而记,存于本站;报市里办理时才随件。", EN: "Tell the voter: name and phone are kept here for the answer, and sent only if the city must call."},
	wMatterOf:     {ZH: "第 %d 件 / 共 %d 件", EN: "Matter %d of %d"},
	wContent:      {ZH: "内容", EN: "Content"},
	wContentHint:  {ZH: "选民原话", EN: "the voter's own words"},
	wCategory:     {ZH: "分类", EN: "Category"},
	wCategoryHint: {ZH: "两位数字或名称", EN: "two digits or a name"},
	wKind:         {ZH: "性质", EN: "Nature"},
	wAffected:     {ZH: "涉及", EN: "Affects"},
	wUrgency:      {ZH: "紧急", EN: "Urgency"},
	wDisposition:  {ZH: "处理", EN: "Handling"},
	wReply:        {ZH: "答复", EN: "Reply"},
	wReplyHint:    {ZH: "F4 选常用语", EN: "F4 for phrases"},
	wReplyBy:      {ZH: "代表", EN: "Deputy"},
	wRefuse:       {ZH: "理由", EN: "Reason"},
	wEarlier:      {ZH: "%s · %s · 上次 %s「%s」", EN: "%s · %s · last %s “%s”"},
	wEarlierTake:  {ZH: "Enter 带入", EN: "Enter to take"},
	wSaved:        {ZH: "已保存", EN: "Saved"},
	wSavedInto:    {ZH: "%d 件,归入场次 %s", EN: "%d matters, session %s"},
	wSavedLate:    {ZH: "补录:接待日期 %s", EN: "entered late: received on %s"},
	wReadAloud:    {ZH: "请把编号告诉选民,凭编号可以查询。", EN: "Read the number to the voter; it finds the matter again."},
	wAskDiscard:   {ZH: "丢弃这张草稿?已输入的内容将不再保留。", EN: "Discard this draft? What was typed will be gone."},
	wFieldsWrong:  {ZH: "还有 %d 项要改:%s", EN: "%d fields to mend: %s"},
	wSignIn:       {ZH: "登录", EN: "Sign in"},
	wWhoAreYou:    {ZH: "请选择您的名字", EN: "Who are you?"},
	wPIN:          {ZH: "PIN", EN: "PIN"},
	wLocked:       {ZH: "已锁屏", EN: "Locked"},
	wLockedHint:   {ZH: "输入 %s 的 PIN 继续;草稿已保存。", EN: "Type the PIN of %s to go on; drafts are kept."},
	wNoUsers:      {ZH: "还没有能在本机登录的账号。", EN: "No account can sign in here yet."},
	wConfirm:      {ZH: "确定", EN: "OK"},
	wCancel:       {ZH: "取消", EN: "Cancel"},
	wPhrases:      {ZH: "常用语", EN: "Phrases"},
	wCommands:     {ZH: "命令", EN: "Commands"},
	wTypeToFilter: {ZH: "输入名称或首字母", EN: "type a name or initials"},
	wHelp:         {ZH: "帮助", EN: "Help"},
	wKeysHere:     {ZH: "这一页的按键", EN: "Keys on this page"},
	wKeysAlways:   {ZH: "随处可用的按键", EN: "Keys everywhere"},
	wLoading:      {ZH: "正在载入…", EN: "loading…"},
	wNothing:      {ZH: "没有符合的记录", EN: "nothing found"},
	wLate:         {ZH: "补录", EN: "late"},
	wVoid:         {ZH: "作废", EN: "void"},
	wOtherUser:    {ZH: "换人登录", EN: "Another user"},
	wPersonsRange: {ZH: "人次应为 1 到 10000 的整数", EN: "a whole number from 1 to 10000"},
	wSaving:       {ZH: "正在保存…", EN: "saving…"},
	wMatterNone:   {ZH: "先写完这一件的内容,再记下一件", EN: "write this matter first"},
	wCorrecting:   {ZH: "更正 %s", EN: "Correct %s"},
	wCorrectWhy:   {ZH: "更正的原因(原来的内容会留在历史里):", EN: "Why is this corrected? The earlier text stays in the history."},
	wCorrected:    {ZH: "已更正 %s", EN: "%s corrected"},
	wPickOne:      {ZH: "请从列表里选一个", EN: "choose one from the list"},
	wOverLimit:    {ZH: "最多 %d 个字,多出的 %d 个没有放进来", EN: "at most %d characters; %d were left out"},
	wMoreOf:       {ZH: "第 %d 个,共 %d 个", EN: "%d of %d"},
	wEarlierMore:  {ZH: "共 %d 位,↓换", EN: "%d found, ↓ next"},
}
