package paper

import (
	"html/template"
	"io"
	"strings"

	"liaison/station"
)

// Page writes a paper as one page for a browser, which prints it: the margins
// of GB/T 9704 on A4, 仿宋 of size 三号 as documents have it.
func Page(w io.Writer, p station.Paper, copies int) error {
	return page.Execute(w, struct {
		station.Paper
		Copies []int
	}{p, make([]int, max(1, copies))})
}

var page = template.Must(template.New("paper").Funcs(template.FuncMap{
	"clean": func(s string) string { return clean(s, false) },
	"lines": func(s string) []string { return strings.Split(clean(s, true), "\n") },
	"rooms": func(n int) []struct{} { return make([]struct{}, n) },
	"last":  func(i int, all []int) bool { return i == len(all)-1 },
	"next":  func(i int) int { return i + 1 },
}).Parse(`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>{{clean .Title}} {{clean .Number}}</title>
<style>
@page { size: {{if .Small}}A5; margin: 1.5cm{{else}}A4; margin: 3.7cm 2.6cm 3.5cm 2.8cm{{end}}; }
body { font: {{if .Small}}14pt{{else}}16pt{{end}}/1.6 FangSong, FangSong_GB2312, STFangsong, serif; margin: 0 auto; max-width: {{if .Small}}11.8cm{{else}}15.6cm{{end}}; }
h1 { font: 22pt/1.3 "FZXiaoBiaoSong-B05S", "STZhongsong", SimSun, serif; text-align: center; margin: 0 0 .6em; }
.issuer { text-align: center; }
.pairs { display: flex; flex-wrap: wrap; gap: 0 1.2em; margin: .3em 0; }
.pairs span { min-width: 45%; flex: 1 0 auto; }
.pairs b { font-weight: normal; margin-right: .6em; }
.line { display: inline-block; min-width: 6em; border-bottom: 1px solid; }
.text { margin: .3em 0; }
.text p { margin: 0; text-indent: 2em; overflow-wrap: anywhere; }
.sign { margin: 1em 0; }
.seal { text-align: right; margin: 2.4em 2em 1em; }
.tear { border-top: 1px dashed; margin: 1em 0 .6em; padding-top: .3em; text-align: center; }
.small { font-size: 10.5pt; }
.copy + .copy { break-before: page; }
</style>
</head>
<body>
{{$p := .Paper}}{{$all := .Copies}}{{range $i, $ignored := $all}}<div class="copy">
<div class="issuer">{{clean $p.Issuer}}</div>
<h1>{{clean $p.Title}}</h1>
{{range $p.Blocks}}{{if .Tear}}<div class="tear">{{.Tear}}</div>
{{end}}{{if .Head}}<div class="issuer">{{.Head}}</div>
{{end}}{{if .Pairs}}<div class="pairs">{{range .Pairs}}<span><b>{{.Label}}</b>{{if .Text}}{{clean .Text}}{{else}}<i class="line">&#160;</i>{{end}}</span>{{end}}</div>
{{end}}{{if .Ticks}}<div class="text">{{.Label}}{{range .Ticks}}&#8195;□ {{.}}{{end}}</div>
{{else if or .Label .Text}}<div class="text">{{if .Label}}{{.Label}}:{{end}}{{if .Text}}{{range lines .Text}}<p>{{.}}</p>{{end}}{{else}}{{range rooms .Room}}<br>{{end}}{{end}}</div>
{{end}}{{range .Signs}}<div class="sign">{{.}}(签名):<i class="line">&#160;</i>&#8195;&#8195;年&#8195;月&#8195;日</div>
{{end}}{{if .Seal}}<div class="seal">(盖章)<br>年&#8195;月&#8195;日</div>
{{end}}{{if .Small}}<div class="small">{{clean .Small}}</div>
{{end}}{{end}}{{if ne (len $all) 1}}<div class="small">第 {{next $i}} 份,共 {{len $all}} 份</div>
{{end}}</div>
{{end}}</body>
</html>
`))
