package tui

import "liaison/station"

// Words of the forms by which lists and rules are changed.
const (
	wNeeded word = wordsEnd + 1 + iota
	wCodeHint
	wCategoriesHint
	wPickHint
	wNewUnit
	wChangeUnit
	wRecordHint
	wRecordSaved
	wMoved
	wMovedOn
	wMovedIn
	wTheySay
	wNothingThere
	wEndRecord
	wRestoreRecord
	wRestore
	wEndWhy
	wEndWhyHint
	wRecordEnded
	wRecordRestored
	wEndedWhy
	wNewLeader
	wChangeLeader
	wNewCommittee
	wChangeCommittee
	wNewGroup
	wChangeGroup
	wNewDeputy
	wChangeDeputy
	wPostOf
	wPortfolioHint
	wLevelHint
	wTermOf
	wConstituency
	wSeatFrom
	wSeatTo
	wMonthHint
	wSeatEnd
	wSeatEndHint
	wAllSeats
	wEndSeat
	wSeatEnded
	wSeatOver
	wNameOf
	wListBegin
	wEndsSeat
	wNewLimit
	wChangeLimit
	wNewClass
	wChangeClass
	wAddHint
	wInForce
	wYearsKnown
	wYearsMissing
	wWarnDays
	wHolds
	wHoldsThrough
	wAheadFrom
	wPast
	wPastThrough
	wScheme
	wNewScheme
	wSchemeOf
	wHowLong
	wCountedIn
	wWarnBefore
	wForceFrom
	wForceFromHint
	wTimer
	wHardOnly
	wNumberWrong
	wLimitSure
	wLimitSurePast
	wSchemeSure
	wClassLabel
	wClassLabelEN
	wClassLetter
	wClassLetterHint
	wLimitHint
	wClassHint
	wDraftTaken
	wGiveUp
	wEnds
	wLeaves
	wHasLeft
	wLeaderLeaves
	listWordsEnd
)

var listWords = [...]station.Text{
	wNeeded - wordsEnd - 1:          {ZH: "必填", EN: "needed"},
	wCodeHint - wordsEnd - 1:        {ZH: "字母数字,如 GA", EN: "such as GA"},
	wCategoriesHint - wordsEnd - 1:  {ZH: "编号、名称或首字母,可选几个", EN: "code, name or initials; several"},
	wPickHint - wordsEnd - 1:        {ZH: "名称、首字母或编号,可以不填", EN: "name, initials or code; optional"},
	wNewUnit - wordsEnd - 1:         {ZH: "添加单位", EN: "New unit"},
	wChangeUnit - wordsEnd - 1:      {ZH: "更改单位", EN: "Change unit"},
	wRecordHint - wordsEnd - 1:      {ZH: "编号定了不能改;保存后随下次同步到各站", EN: "The code is for good; stations have it with the next sync"},
	wRecordSaved - wordsEnd - 1:     {ZH: "已保存 %s,随下次同步到各站", EN: "%s is saved; stations have it with the next sync"},
	wMoved - wordsEnd - 1:           {ZH: "没有保存:别人刚刚改过这一条。您输入的都在,请看过再保存", EN: "Not saved: somebody else has just changed this record. What you typed is here; look and save again"},
	wMovedOn - wordsEnd - 1:         {ZH: "别人刚刚改过这一条,改的不是这里的几项。再按 F10 就按您的保存", EN: "Somebody else changed this record, in nothing that stands here. F10 again saves yours"},
	wMovedIn - wordsEnd - 1:         {ZH: "别人刚刚改了:%s。您没有动的已换成新的;您也改了的写着两种。再按 F10 就按这里的保存", EN: "Somebody else changed: %s. Where you had changed nothing theirs stands now; where both did, both are shown. F10 again saves what stands here"},
	wTheySay - wordsEnd - 1:         {ZH: "别人写的是:%s", EN: "theirs: %s"},
	wNothingThere - wordsEnd - 1:    {ZH: "(空)", EN: "(empty)"},
	wEndRecord - wordsEnd - 1:       {ZH: "撤销 %s?记录和经过都保留,以后不再能选", EN: "End %s? It stays on record and is offered no more"},
	wRestoreRecord - wordsEnd - 1:   {ZH: "恢复 %s?", EN: "Restore %s?"},
	wRestore - wordsEnd - 1:         {ZH: "恢复", EN: "Restore"},
	wEndWhy - wordsEnd - 1:          {ZH: "原因", EN: "Reason"},
	wEndWhyHint - wordsEnd - 1:      {ZH: "如:机构改革并入住建局", EN: "such as: merged into another"},
	wRecordEnded - wordsEnd - 1:     {ZH: "已记录:%s 不再使用", EN: "%s is recorded as ended"},
	wRecordRestored - wordsEnd - 1:  {ZH: "已恢复 %s", EN: "%s is restored"},
	wEndedWhy - wordsEnd - 1:        {ZH: "撤销原因", EN: "Ended"},
	wNewLeader - wordsEnd - 1:       {ZH: "添加领导", EN: "New leader"},
	wChangeLeader - wordsEnd - 1:    {ZH: "更改领导", EN: "Change leader"},
	wNewCommittee - wordsEnd - 1:    {ZH: "添加工委", EN: "New committee"},
	wChangeCommittee - wordsEnd - 1: {ZH: "更改工委", EN: "Change committee"},
	wNewGroup - wordsEnd - 1:        {ZH: "添加小组", EN: "New group"},
	wChangeGroup - wordsEnd - 1:     {ZH: "更改小组", EN: "Change group"},
	wNewDeputy - wordsEnd - 1:       {ZH: "添加代表", EN: "New deputy"},
	wChangeDeputy - wordsEnd - 1:    {ZH: "更改代表", EN: "Change deputy"},
	wPostOf - wordsEnd - 1:          {ZH: "职务", EN: "Post"},
	wPortfolioHint - wordsEnd - 1:   {ZH: "如:公安、司法、城管", EN: "such as: police, justice"},
	wLevelHint - wordsEnd - 1:       {ZH: "市、镇等", EN: "city, town …"},
	wTermOf - wordsEnd - 1:          {ZH: "届次", EN: "Term"},
	wConstituency - wordsEnd - 1:    {ZH: "选区", EN: "District"},
	wSeatFrom - wordsEnd - 1:        {ZH: "任职起", EN: "From"},
	wSeatTo - wordsEnd - 1:          {ZH: "终止", EN: "Until"},
	wMonthHint - wordsEnd - 1:       {ZH: "2022-01 或日期", EN: "2022-01 or a day"},
	wSeatEnd - wordsEnd - 1:         {ZH: "终止原因", EN: "Why ended"},
	wSeatEndHint - wordsEnd - 1:     {ZH: "还在任就空着", EN: "empty while in office"},
	wAllSeats - wordsEnd - 1:        {ZH: "全部任职", EN: "all seats"},
	wEndSeat - wordsEnd - 1:         {ZH: "%s 终止代表资格(代表法第 62 条)", EN: "%s ceases to be a deputy (Art. 62)"},
	wSeatEnded - wordsEnd - 1:       {ZH: "已记录 %s 终止代表资格", EN: "%s is recorded as no longer a deputy"},
	wSeatOver - wordsEnd - 1:        {ZH: "已终止", EN: "ended"},
	wNameOf - wordsEnd - 1:          {ZH: "名称", EN: "Name"},
	wListBegin - wordsEnd - 1:       {ZH: "还没有。按 %s 添加,或用 city import %s 文件 成批导入", EN: "Nothing here. %s adds one, city import %s FILE many"},
	wEndsSeat - wordsEnd - 1:        {ZH: "终止", EN: "End"},
	wNewLimit - wordsEnd - 1:        {ZH: "加办理期限", EN: "New limit"},
	wChangeLimit - wordsEnd - 1:     {ZH: "更改期限", EN: "Change limit"},
	wNewClass - wordsEnd - 1:        {ZH: "加办理结果", EN: "New result"},
	wChangeClass - wordsEnd - 1:     {ZH: "更改结果", EN: "Change result"},
	wAddHint - wordsEnd - 1:         {ZH: "%s 添加;成批用 city import %s 文件", EN: "%s adds; city import %s FILE many"},
	wInForce - wordsEnd - 1:         {ZH: "已经生效的不能更改,请添加一条新的,写明从哪天起", EN: "What is in force is not changed; add a new one with the day from which it holds"},
	wYearsKnown - wordsEnd - 1:      {ZH: "工作日历 已有:%s", EN: "Working days known: %s"},
	wYearsMissing - wordsEnd - 1:    {ZH: "工作日历 已有:%s;缺:%s,缺的年份按周一至周五算,请导入", EN: "Working days known: %s; missing: %s (Mon–Fri counted), import them"},
	wWarnDays - wordsEnd - 1:        {ZH: "提前 %d 天", EN: "warn %d d"},
	wHolds - wordsEnd - 1:           {ZH: "现行", EN: "in force"},
	wHoldsThrough - wordsEnd - 1:    {ZH: "现行,至 %s", EN: "until %s"},
	wAheadFrom - wordsEnd - 1:       {ZH: "%s 起", EN: "from %s"},
	wPast - wordsEnd - 1:            {ZH: "旧", EN: "old"},
	wPastThrough - wordsEnd - 1:     {ZH: "旧,至 %s", EN: "ended %s"},
	wScheme - wordsEnd - 1:          {ZH: "方案 %d", EN: "Scheme %d"},
	wNewScheme - wordsEnd - 1:       {ZH: "新方案 %d", EN: "New scheme %d"},
	wSchemeOf - wordsEnd - 1:        {ZH: "方案", EN: "Scheme"},
	wHowLong - wordsEnd - 1:         {ZH: "期限", EN: "Limit"},
	wCountedIn - wordsEnd - 1:       {ZH: "单位", EN: "in"},
	wWarnBefore - wordsEnd - 1:      {ZH: "提前提醒天数", EN: "warn days before"},
	wForceFrom - wordsEnd - 1:       {ZH: "生效日期", EN: "In force from"},
	wForceFromHint - wordsEnd - 1:   {ZH: "如 1.1 或 2027-01-01", EN: "such as 1.1 or 2027-01-01"},
	wTimer - wordsEnd - 1:           {ZH: "环节", EN: "Step"},
	wHardOnly - wordsEnd - 1:        {ZH: "疑难件", EN: "Hard ones"},
	wNumberWrong - wordsEnd - 1:     {ZH: "请填整数", EN: "write a whole number"},
	wLimitSure - wordsEnd - 1:       {ZH: "自 %s 起,“%s”的期限是 %s;此前已经开始的不变。随下次同步到各站。保存?", EN: "From %s on the limit of “%s” is %s; what began before stays as it is. Stations have it with the next sync. Save?"},
	wLimitSurePast - wordsEnd - 1:   {ZH: "%s 已经过去:从那天起“%s”的期限都按 %s 重新计算,可能有事项变成超期。保存?", EN: "%s is past: from that day on the limit of “%s” is %s, and some matters may turn overdue. Save?"},
	wSchemeSure - wordsEnd - 1:      {ZH: "方案 %d 从 %s 起整套代替现行方案,那天以后只能选它的各类;请把各类都加上。保存?", EN: "Scheme %d takes the place of the present one, whole, from %s on: only its classes can be chosen then, so add all of them. Save?"},
	wClassLabel - wordsEnd - 1:      {ZH: "含义", EN: "Meaning"},
	wClassLabelEN - wordsEnd - 1:    {ZH: "英文", EN: "In English"},
	wClassLetter - wordsEnd - 1:     {ZH: "类", EN: "Class"},
	wClassLetterHint - wordsEnd - 1: {ZH: "如 E 或 甲", EN: "such as E"},
	wLimitHint - wordsEnd - 1:       {ZH: "写明从哪天起;此前已经开始的仍按原来的算,原来的留着", EN: "Give the day; what began before is counted by the old one, which stays"},
	wClassHint - wordsEnd - 1:       {ZH: "加进现行方案,或开始一个新方案;用过的分类含义不变", EN: "To this scheme or a new one; a class that was used keeps its meaning"},
	wDraftTaken - wordsEnd - 1:      {ZH: "接着上次没有保存的填;不要就按 Esc 放弃", EN: "Going on with what was not saved last time; Esc gives it up"},
	wGiveUp - wordsEnd - 1:          {ZH: "放弃没有保存的改动?", EN: "Give up what is not saved?"},
	wEnds - wordsEnd - 1:            {ZH: "撤销", EN: "End"},
	wLeaves - wordsEnd - 1:          {ZH: "离任", EN: "Leaves"},
	wHasLeft - wordsEnd - 1:         {ZH: "已离任", EN: "has left"},
	wLeaderLeaves - wordsEnd - 1:    {ZH: "%s 离任?记录和经过都保留,以后不再能选", EN: "%s leaves office? The record stays and is offered no more"},
}
