package station

// A Category (内容分类). First-level codes have one digit and match the
// standing committees, so that 对口督办 follows from the code; second-level
// codes have two. A city may load a tree of its own beside it.
type Category struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Parent string `json:"parent,omitempty"`
}

// defaultCategories is DOMAIN 2.5, made anew for each caller.
func defaultCategories() []Category {
	var out []Category
	for _, c := range []struct {
		code, name string
		items      []string // "" leaves a code unused
	}{
		{"1", "环资城建", []string{"道路桥梁路灯", "停车与交通秩序", "老旧小区/物业", "拆迁安置/房产证", "供水供电供气排水", "污水/大气/噪声/油烟", "垃圾分类与环境卫生", "违建与占道", "公交与充电桩"}},
		{"2", "农业农村", []string{"农田水利", "土地承包/流转/征地", "农村公路", "人居环境/厕所/河道", "村务公开/三资", "惠农补贴"}},
		{"3", "教科文卫", []string{"入学/学位/校车", "教师与收费", "就医/卫生室", "医保报销", "文体设施", "非遗/文物"}},
		{"4", "社会建设", []string{"养老/助餐", "低保救助/残疾", "社保/失地农民", "就业/欠薪", "退役军人", "妇女儿童/未成年人", "殡葬/公墓"}},
		{"5", "财政经济", []string{"企业用工用地融资", "营商环境/审批", "税费", "物价/市场监管/食品安全", "园区与项目"}},
		{"6", "监察司法", []string{"治安/反诈", "法律援助/普法", "执法作风", "涉法涉诉(引导)", "邻里矛盾纠纷(转调解)"}},
		{"7", "人大与其他", []string{"对人大/代表的意见", "民生实事项目征集", "民生实事项目进度", "", "", "", "", "", "其他"}},
	} {
		out = append(out, Category{Code: c.code, Name: c.name})
		for i, name := range c.items {
			if name != "" {
				out = append(out, Category{Code: c.code + string(rune('1'+i)), Name: name, Parent: c.code})
			}
		}
	}
	return out
}

// CategoryName is the label of a code with its first level, or the code
// itself where no list has it.
func (d *Desk) CategoryName(code string) string {
	if c, ok := d.Category(code); ok {
		return c.Name
	}
	return code
}
