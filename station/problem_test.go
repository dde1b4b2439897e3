package station_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// Every problem written down in this package has a code and both languages,
// each in its own script.
func TestEveryProblemHasACodeAndBothLanguages(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			sel, ok := lit.Type.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Problem" || len(lit.Elts) == 0 {
				return true
			}
			found++
			has := map[string]string{}
			for _, e := range lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					has[kv.Key.(*ast.Ident).Name] = words(kv.Value)
				}
			}
			han := func(s string) bool {
				return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
			}
			if has["Code"] == "" || !han(has["ZH"]) || has["EN"] == "" || han(has["EN"]) {
				t.Errorf("%s: problem %q says %q and %q", fset.Position(lit.Pos()), has["Code"], has["ZH"], has["EN"])
			}
			return true
		})
	}
	if found < 40 {
		t.Errorf("only %d problems were found", found)
	}
}

// words joins what is written in an expression: its string literals, or its
// names where it has none.
func words(e ast.Expr) string {
	var literals, names []string
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			literals = append(literals, n.Value)
		case *ast.Ident:
			names = append(names, n.Name)
		}
		return true
	})
	if s := strings.Trim(strings.Join(literals, ""), `"`); s != "" {
		return s
	}
	return strings.Join(names, " ")
}
