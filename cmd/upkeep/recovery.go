package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
	"liaison/station/typed"
)

// refusal is a sentence for a person beside the error that the log wants.
type refusal struct {
	typed.Problem
	cause error
}

func (r *refusal) Unwrap() []error { return []error{r.Problem, r.cause} }

func refuse(cause error, zh, en string, args ...any) error {
	p := typed.Problem{Code: "upkeep", ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
	if cause == nil {
		return p
	}
	return &refusal{p, cause}
}

// shown is a file's name as it stands in a sentence.
func shown(name string) string {
	r := []rune(typed.Clean(name, false))
	return string(r[:min(len(r), 120)])
}

// A Desk is what the commands about backups need of the program that runs
// them.
type Desk struct {
	Backups
	Data   string // the data directory
	Owner  string // the station's or the city's name
	Stdout io.Writer
	Stderr io.Writer
	// Path is where a file lies that the caller named; Create writes it whole
	// or not at all.
	Path   func(name string) (string, error)
	Create func(name string, write func(io.Writer) error) error
}

// NoRecovery is said until somebody has made a recovery key.
var NoRecovery = station.Text{
	ZH: "还没有恢复钥匙:机器损坏或被盗,数据就找不回来。请插上 U 盘运行 recovery new /U盘/恢复钥匙.txt,拔下后锁在别处。",
	EN: "There is no recovery key yet: were the machine broken or stolen, its data would be gone. Run recovery new /STICK/recovery.txt and lock the stick away.",
}

// Recovery sees to who can open the backups when the machine is gone: whoever
// holds the key that `new` makes, on paper or on a stick in a safe, and whoever
// else the office gives that right with `add`. Names and phones never travel
// with a sync, so without such a key and a backup they go with the machine.
func (d Desk) Recovery(args []string) error {
	switch {
	case len(args) == 0:
		return d.listRecovery()
	case len(args) == 2 && args[0] == "new":
		return d.newRecovery(args[1])
	case len(args) != 2 || args[0] != "add" && args[0] != "remove":
		return refuse(nil, "写法:recovery [new 文件 | add age1… | remove age1…]", "usage: recovery [new FILE | add age1… | remove age1…]")
	}
	r, err := seal.ParseRecipient(args[1])
	if err != nil {
		return refuse(err, "第二项应是 age1 开头的一行(公开的那一半),不要写私钥。", "the second word is a line that begins with age1, the public half; never the secret one.")
	}
	have := d.Ledger.Recovery()
	at := slices.IndexFunc(have, func(h seal.Recipient) bool { return h.String() == r.String() })
	switch {
	case args[0] == "remove" && at < 0:
		return refuse(nil, "没有这把钥匙。", "There is no such key.")
	case args[0] == "remove":
		have = slices.Delete(have, at, at+1)
	case at < 0:
		have = append(have, r)
	}
	if err := d.Ledger.SetRecovery(have); err != nil {
		return err
	}
	return d.listRecovery()
}

func (d Desk) listRecovery() error {
	have := d.Ledger.Recovery()
	if len(have) == 0 {
		_, err := fmt.Fprintln(d.Stdout, NoRecovery.ZH+" / "+NoRecovery.EN)
		return err
	}
	for _, r := range have {
		if _, err := fmt.Fprintln(d.Stdout, r); err != nil {
			return err
		}
	}
	return nil
}

// newRecovery makes a key, writes its secret half to a file off the data
// directory, and keeps the public half.
func (d Desk) newRecovery(name string) error {
	id, err := seal.NewIdentity()
	if err != nil {
		return err
	}
	if name != "-" {
		path, err := d.Path(name)
		if err != nil {
			return err
		}
		if rel, err := filepath.Rel(d.Data, path); err == nil && !strings.HasPrefix(rel, "..") {
			return refuse(nil, "恢复钥匙不能放在数据目录里:机器丢了,它也就丢了。请写到 U 盘上。", "The recovery key must not lie in the data directory, or it goes with the machine; write it to a stick.")
		}
		if _, err := os.Stat(path); err == nil {
			return refuse(nil, "“%[1]s”已经存在,没有改动它;请换一个名字。", "%[1]s exists already and was left as it is; choose another name.", shown(name))
		}
	}
	text := id.Text(d.Owner, time.Now().In(station.Beijing))
	if err := d.Create(name, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return err
	}
	if err := d.Ledger.SetRecovery(append(d.Ledger.Recovery(), id.Recipient())); err != nil {
		return err
	}
	out := d.Stdout
	if name == "-" {
		out = d.Stderr
	}
	_, err = fmt.Fprintln(out, "恢复钥匙已写好,以后的备份只有它能在别的机器上打开。请打印或存好后锁在别处,不要留在本机 / the recovery key is written; from now on it alone opens the backups elsewhere. Print it or lock it away, and leave no copy on this machine")
	return err
}

// ReadIdentity reads a recovery key; name is what the caller calls its file.
func ReadIdentity(r io.Reader, name string) (*seal.Identity, error) {
	text, err := io.ReadAll(io.LimitReader(r, 64<<10))
	if err != nil {
		return nil, err
	}
	id, err := seal.ParseIdentity(text)
	if err != nil {
		return nil, refuse(err, "“%[1]s”里没有恢复钥匙;它是一行 AGE-SECRET-KEY-1 开头的字。", "%[1]s holds no recovery key; one is a line that begins with AGE-SECRET-KEY-1.", shown(name))
	}
	return &id, nil
}

// New makes a generation and says where it lies.
func (d Desk) New(ctx context.Context) error {
	g, err := d.Make(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.Stdout, "已备份到 %s / backed up there\n", g.Path)
	if err == nil && len(d.Ledger.Recovery()) == 0 {
		_, err = fmt.Fprintf(d.Stderr, "%s / %s\n", NoRecovery.ZH, NoRecovery.EN)
	}
	return err
}

// Show names the generations, the newest first.
func (d Desk) Show() error {
	list, err := d.List()
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(d.Stdout, "%s 里还没有备份 / no backup there yet\n", d.Dir)
		return err
	}
	for _, g := range list {
		if _, err := fmt.Fprintf(d.Stdout, "%s  %8.1f MiB  %s\n", g.At.In(station.Beijing).Format("2006-01-02 15:04:05"), float64(g.Size)/(1<<20), g.Path); err != nil {
			return err
		}
	}
	return nil
}

// Try rehearses the backup at path, or the newest generation where path is "".
func (d Desk) Try(ctx context.Context, path string, by *seal.Identity) error {
	if path == "" {
		list, err := d.List()
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return refuse(nil, "还没有备份;先运行 backup。", "There is no backup yet; run backup first.")
		}
		path = list[0].Path
	}
	began := time.Now()
	tally, err := d.Rehearse(ctx, path, by)
	if err != nil {
		return NotSound(path, err)
	}
	_, err = fmt.Fprintf(d.Stdout, "演练成功:%s 能完整恢复,%d 条记录全部核对无误,用时 %s。没有改动任何数据 / the rehearsal passed: %[1]s can be restored whole (%[4]s); nothing was changed\n",
		path, tally.Entries, time.Since(began).Round(time.Millisecond), tally)
	return err
}

// Nightly makes the night's generation. Once a week it also tries it: a backup
// that nobody has ever opened is a hope.
func (b Backups) Nightly(ctx context.Context) error {
	g, err := b.Make(ctx)
	if err == nil && g.At.In(station.Beijing).Weekday() == time.Sunday {
		_, err = b.Rehearse(ctx, g.Path, nil)
	}
	return err
}

// NotSound says why a backup cannot be gone back to.
func NotSound(path string, err error) error {
	name := shown(path)
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return refuse(err, "没有“%[1]s”这个文件。", "There is no file %[1]s.", name)
	case errors.Is(err, fs.ErrPermission):
		return refuse(err, "没有权限读“%[1]s”。", "No permission to read %[1]s.", name)
	case errors.Is(err, bolt.ErrSealed):
		return refuse(err, "“%[1]s”是封好的备份,要用恢复钥匙打开:加 --recovery 钥匙文件;没有改动任何数据。", "%[1]s is a sealed backup: give the recovery key with --recovery FILE; nothing was changed.", name)
	case errors.Is(err, seal.ErrWrongKey), errors.Is(err, bolt.ErrLocked):
		return refuse(err, "“%[1]s”要用另一把钥匙打开,没有改动任何数据。请用做备份时的恢复钥匙(--recovery 文件),或把当时的钥匙文件放回数据目录。", "%[1]s opens with another key; nothing was changed. Give the recovery key of the time of the backup with --recovery FILE, or put the key file of that time back into the data directory.", name)
	case errors.Is(err, bolt.ErrDamaged), errors.Is(err, ledger.ErrBroken), errors.Is(err, seal.ErrDamaged):
		return refuse(err, "“%[1]s”不是完好的备份,没有改动任何数据。请换一份(backup --list 列出各份)。", "%[1]s is not a sound copy; nothing was changed. Take another (backup --list names them).", name)
	}
	return refuse(err, "“%[1]s”没能核对完,没有改动任何数据。", "%[1]s could not be verified to the end; nothing was changed.", name)
}
