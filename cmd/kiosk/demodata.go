package main

import (
	"time"

	"liaison/station"
)

// What the demo shows is invented; the phones belong to nobody.

const (
	demoCode = "QA01"
	demoName = "曲阿街道代表联络站"
	demoArea = "321181002"
	demoPIN  = "2580"
)

func demoDeputies() []station.Deputy {
	seat := func(levels ...string) (ms []station.Mandate) {
		for _, l := range levels {
			ms = append(ms, station.Mandate{Level: l, Term: "第十八届"})
		}
		return ms
	}
	return []station.Deputy{
		{Code: "D001", Name: "李建国", Sex: "male", Post: "曲阿社区居委会主任", Phone: "13800138101", Mandates: seat("市")},
		{Code: "D002", Name: "王秀英", Sex: "female", Post: "前艾村村委会委员", Phone: "13800138102", Mandates: seat("镇")},
		{Code: "D003", Name: "单志远", Sex: "male", Post: "某机械公司工程师", Phone: "13800138103", Mandates: seat("省辖市", "市")},
		{Code: "D004", Name: "曾雅琴", Sex: "female", Post: "街道卫生院医师", Phone: "13800138104", Mandates: seat("市")},
		{Code: "D005", Name: "仇海平", Sex: "male", Post: "种粮大户", Phone: "13800138105", Mandates: seat("镇")},
	}
}

func demoVillages() []station.Village {
	return []station.Village{
		{Code: "321181002001", Town: "曲阿街道", Name: "前艾村"},
		{Code: "321181002002", Town: "曲阿街道", Name: "东风社区"},
		{Code: "321181002003", Town: "曲阿街道", Name: "大泊社区"},
		{Code: "321181002004", Town: "曲阿街道", Name: "建山村"},
		{Code: "321181002005", Town: "曲阿街道", Name: "胡桥社区"},
	}
}

// demoReceptions are those of the days up to now, the oldest first.
func demoReceptions(now time.Time) []station.Reception {
	themed := station.InSession{Time: "fixed", Place: "station", Topic: "themed", Theme: "停车与交通秩序", Deputies: []string{"D001", "D002"}}
	open := station.InSession{Time: "fixed", Place: "station", Topic: "open", Deputies: []string{"D003"}}
	out := station.InSession{Time: "adhoc", Place: "visit", Topic: "open", Deputies: []string{"D005"}}
	one := func(ago time.Duration, s station.InSession, name, phone, village, content, category, disposition, reply string) station.Reception {
		channel := "walkin"
		if s.Place == "visit" {
			channel = "visit"
		}
		return station.Reception{At: now.Add(-ago), Channel: channel, Persons: 1, Session: s, Notified: true,
			Voter:   station.InVoter{Name: name, Phone: phone, Village: village},
			Matters: []station.Issue{{Content: content, Kind: "suggestion", Category: category, Disposition: disposition, Reply: reply}}}
	}
	const day = 24 * time.Hour
	return []station.Reception{
		one(20*day, open, "陈桂芳", "13800138001", "321181002001", "村口到小学的路没有路灯,孩子冬天放学天已经黑了。", "11", "town", ""),
		one(9*day, out, "仲大林", "13800138002", "321181002004", "灌溉渠淤了两年,上游放水下游接不到。", "21", "village", ""),
		one(9*day-time.Hour, out, "解文秀", "13800138003", "321181002004", "想知道养老金为什么这个月晚发三天。", "43", "onspot", "已解释政策:遇节假日顺延,款项昨日已到账。"),
		one(6*day, open, "尉迟明", "13800138004", "321181002002", "老小区加装电梯,一楼住户不同意,希望有人来主持商量。", "13", "mediate", ""),
		one(5*day, open, "朴美玲", "13800138005", "321181002005", "社区医院下午没有儿科医生,只能去城里排队。", "33", "proposal", ""),
		one(3*day, open, "查国庆", "13800138006", "321181002003", "工地夜里十二点还在打桩,连着一个星期睡不好。", "16", "city", ""),
		one(70*time.Minute, themed, "区少华", "13800138007", "321181002002", "菜场门口两边停满车,救护车都进不来。", "12", "town", ""),
		one(40*time.Minute, themed, "曾宪文", "13800138008", "321181002003", "公交末班车太早,下夜班的人回不了家。", "19", "collect", ""),
		one(15*time.Minute, themed, "王小明", "13800138000", "321181002001", "小区东门的路灯坏了半个月,晚上老人出门不安全。", "11", "onspot", "已联系城管值班室,三日内派人检修。"),
	}
}

// demoVisit is the reception that the story records.
func demoVisit(now time.Time) station.Reception {
	return station.Reception{At: now, Channel: "walkin", Persons: 2, Notified: true,
		Session: station.InSession{Time: "fixed", Place: "station", Topic: "themed", Theme: "停车与交通秩序", Deputies: []string{"D001", "D002"}},
		Voter:   station.InVoter{Name: "陈桂芳", Phone: "13800138001", Village: "321181002001"},
		Matters: []station.Issue{
			{Content: "学校门口接送时间段没有人管停车,孩子从车缝里钻过去上学。", Kind: "suggestion", Category: "12", Disposition: "onspot", Reply: "已当场协调交警中队,下周起早晚各派一人。"},
			{Content: "希望在学校旁边的空地上划临时车位。", Kind: "suggestion", Category: "12", Disposition: "city"},
		}}
}
