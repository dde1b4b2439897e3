package paper

import (
	"html/template"
	"io"

	"liaison/station"
	"liaison/tui/cell"
)

// HTML writes the papers, all of one size, as one file that needs nothing
// else, each as many times as there are copies. A browser prints it with the
// margins and the type of official documents (GB/T 9704: A4, top 37 mm, left
// 28 mm, 仿宋 of 16 points); on A5 the margins are as much smaller. No script
// runs in it, whatever was typed.
func HTML(w io.Writer, ps []station.Paper, copies int) error {
	d := document{Size: station.A4}
	for _, p := range ps {
		d.Size, d.Title = p.Size, clean(p.Title)+" "+clean(p.Number)
	}
	for range max(copies, 1) {
		for _, p := range ps {
			s := section{Office: clean(p.Office), Title: clean(p.Title)}
			for _, b := range p.Blocks {
				s.Blocks = append(s.Blocks, blockOf(b))
			}
			d.Sections = append(d.Sections, s)
		}
	}
	return page.Execute(w, d)
}

func clean(s string) string { return cell.Clean(s, false) }

type document struct {
	Title    string
	Size     station.PaperSize
	Sections []section
}

// Margin is top, right, bottom and left of @page.
func (d document) Margin() template.CSS {
	if d.Size == station.A5 {
		return "26mm 18mm 25mm 20mm"
	}
	return "37mm 26mm 35mm 28mm"
}

// Sheet is the size of @page.
func (d document) Sheet() template.CSS {
	if d.Size == station.A5 {
		return "A5 portrait"
	}
	return "A4 portrait"
}

type section struct {
	Office, Title string
	Blocks        []block
}

// block is a station.PaperBlock as the template takes it.
type block struct {
	Kind        string
	Label, Text string
	Room        int // mm
	Rows        [][]field
	Ticks       []string
	Signs       []station.PaperSign
}

// field is one pair in a table of four columns.
type field struct {
	Label, Value string
	Span         int // of the value
}

func blockOf(b station.PaperBlock) block {
	out := block{Label: clean(b.Label), Text: cell.Clean(b.Text, true), Room: b.Room,
		Kind: [...]string{"pairs", "text", "tick", "signs", "head", "note", "tear", "turn"}[b.Kind]}
	for _, t := range b.Ticks {
		out.Ticks = append(out.Ticks, clean(t))
	}
	for _, s := range b.Signs {
		out.Signs = append(out.Signs, station.PaperSign{Who: clean(s.Who), Seal: s.Seal})
	}
	for i := 0; i < len(b.Pairs); i++ {
		p := b.Pairs[i]
		one := field{clean(p.Label), clean(p.Value), 3}
		if p.Wide || i+1 == len(b.Pairs) || b.Pairs[i+1].Wide {
			out.Rows = append(out.Rows, []field{one})
			continue
		}
		i++
		one.Span = 1
		out.Rows = append(out.Rows, []field{one, {clean(b.Pairs[i].Label), clean(b.Pairs[i].Value), 1}})
	}
	return out
}

var page = template.Must(template.New("paper").Parse(`<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{.Title}}</title>
<style>
@page { size: {{.Sheet}}; margin: {{.Margin}} }
* { box-sizing: border-box }
body { margin: 0; color: #000; background: #fff; font: 16pt/28pt FangSong_GB2312, FangSong, 仿宋_GB2312, 仿宋, STFangsong, serif; overflow-wrap: anywhere }
section + section, .turn { break-before: page }
.office { text-align: center }
h1, h2 { margin: 0 0 14pt; text-align: center; font: 22pt/32pt FZXiaoBiaoSong-B05S, 方正小标宋简体, 小标宋体, STZhongsong, SimSun, serif }
h2 { font-size: 18pt }
table { width: 100%; border-collapse: collapse; margin: 0 0 -0.5pt }
th, td, .text { border: 0.5pt solid #000; padding: 0 4pt; text-align: left; vertical-align: top; font-weight: normal }
th { width: 4.5em; white-space: nowrap }
.text { margin: 0 0 -0.5pt; white-space: pre-wrap }
.text b, .tick b { font-weight: normal }
.tick span { margin-left: 1em; white-space: nowrap }
.sign { display: flex; gap: 1em; margin-top: 14pt; break-inside: avoid }
.sign i { flex: 1; max-width: 14em; border-bottom: 0.5pt solid #000 }
.sign .date { margin-left: auto; white-space: pre }
.seal { min-height: 30mm }
.note { font-size: 14pt; margin: 7pt 0 0 }
.tear { margin: 14pt 0; border-top: 1pt dashed #000; text-align: center; font-size: 12pt }
@media screen { body { max-width: 160mm; margin: 10mm auto; padding: 0 4mm } section + section, .turn { margin-top: 20mm } }
</style>
</head>
<body>
{{range .Sections}}<section>
<div class="office">{{.Office}}</div>
<h1>{{.Title}}</h1>
{{range .Blocks}}{{if eq .Kind "pairs"}}<table>
{{range .Rows}}<tr>{{range .}}<th>{{.Label}}</th><td colspan="{{.Span}}">{{.Value}}</td>{{end}}</tr>
{{end}}</table>
{{else if eq .Kind "text"}}<div class="text" style="min-height: {{.Room}}mm"><b>{{.Label}}：</b>
{{.Text}}</div>
{{else if eq .Kind "tick"}}<p class="tick"><b>{{.Label}}</b>{{range .Ticks}}<span>□ {{.}}</span>{{end}}</p>
{{else if eq .Kind "signs"}}{{range .Signs}}<div class="sign{{if .Seal}} seal{{end}}"><span>{{.Who}}：</span><i></i>{{if .Seal}}<span>（盖章）</span>{{end}}<span class="date">　　年　　月　　日</span></div>
{{end}}{{else if eq .Kind "head"}}<h2>{{.Text}}</h2>
{{else if eq .Kind "note"}}<p class="note">{{.Text}}</p>
{{else if eq .Kind "tear"}}<div class="tear">{{.Text}}</div>
{{else if eq .Kind "turn"}}<div class="turn"></div>
{{end}}{{end}}</section>
{{end}}</body>
</html>
`))
