package form

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liaison/tui/theme"
)

// goldenWrite, set to "write" in the environment, makes the tests write what
// they see; look at the difference before it is committed.
const goldenWrite = "LIAISON_GOLDEN"

// golden compares what is on the screen, and the cursor, with a file.
func golden(t *testing.T, name string, l look) {
	t.Helper()
	var b strings.Builder
	for _, row := range l.rows {
		b.WriteString(row + "\n")
	}
	if l.cursor != nil {
		fmt.Fprintf(&b, "-- cursor %d,%d between %q and %q\n", l.cursor.X, l.cursor.Y, l.left(), l.right())
	}
	file := filepath.Join("testdata", name+".txt")
	if os.Getenv(goldenWrite) == "write" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s", name, b.String(), want)
	}
}

func TestReceptionOnEveryWidth(t *testing.T) {
	for _, width := range []int{40, 80, 120} {
		f := reception()
		commit(f, "13800138000")
		f.Set("name", "阿依古丽·买买提")
		f.Set("content", "小区东门的路灯坏了半个月，晚上老人出门不安全，希望尽快修好。停车场parking的灯也不亮（两处），请一并处理！")
		f.FocusID("content")
		golden(t, fmt.Sprintf("reception-%d", width), draw(t, f, width, 20))

		f.FocusID("village")
		commit(f, "艾")
		golden(t, fmt.Sprintf("picking-%d", width), draw(t, f, width, 20))

		keys(f, "enter")
		f.Set("phone", "138")
		f.Set("content", "")
		f.FocusID("disposition")
		keys(f, "c")
		f.Check()
		golden(t, fmt.Sprintf("problems-%d", width), draw(t, f, width, 20))
	}
}

func TestReceptionWhereAmbiguousCharactersAreWide(t *testing.T) {
	f := reception()
	f.Set("name", "阿依古丽·买买提")
	f.Set("content", "“停车”——不便……")
	f.FocusID("content")
	golden(t, "reception-ascii-80", drawIn(t, f, 80, 20, theme.New(theme.Plain, true).ASCII()))
}
