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
	wRecordEnded - wordsEnd - 1:     {ZH: "已撤销 %s", EN: "%s is ended"},
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
}
