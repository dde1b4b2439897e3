package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"liaison/cmd/clerk"
	"liaison/cmd/control"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
	"liaison/sync/inbox"
)

// Names within the data directory.
const (
	ledgerFile = "ledger.db"
	socketFile = "control.sock"
	keyFile    = "city.key"
	logFile    = "city.log"
)

const (
	writer    = "city"      // whose ledger it is
	localName = "city/name" // the city's name, told at enrolment
	plainName = "市人大"       // where none was given
)

// heldFor is how long a command waits for another one to let go of the file.
const heldFor = 10 * time.Second

// A city is the open data directory: what every command works on.
type city struct {
	dir  string
	led  *bolt.Ledger
	desk *station.Desk // what people and commands work at
	in   *inbox.Inbox
	key  ed25519.PrivateKey
	log  *slog.Logger

	unsure func(error)    // the ledger no longer takes entries, and why
	events *upkeep.Events // what the ledger did by itself

	seats *clerk.Screens // of a process that serves
	hints []station.Text // for the settings screen: how to come in

	carried     []carried // what this open carried over for a restore: see carryKeys
	carriedOver bool

	backupDir  string // "": beside the ledger
	backupKeep int
}

func defaultDir(env []string) string {
	if d := getenv(env, "LIAISON_DATA"); d != "" {
		return d
	}
	if d := getenv(env, "XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "liaison", "city")
	}
	return filepath.Join(getenv(env, "HOME"), ".local", "share", "liaison", "city")
}

// getenv finds a variable in an environment; the last one counts.
func getenv(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(env[i], name+"="); ok {
			return v
		}
	}
	return ""
}

// reach opens the city, or returns a line to the process that serves it.
// While another command holds the file it waits. It makes the city where there
// is none only if makes.
func reach(ctx context.Context, dir string, makes bool) (*city, *control.Client, error) {
	deadline := time.Now().Add(heldFor)
	for {
		l, err := control.Dial(filepath.Join(dir, socketFile))
		if err == nil {
			return nil, l, nil
		}
		if !errors.Is(err, control.ErrNobody) {
			return nil, nil, err
		}
		if !makes && !upkeep.Exists(filepath.Join(dir, ledgerFile)) {
			return nil, nil, refuse(nil, "%s 里还没有市级端的数据。请先运行:city enroll 站点编号,或 city serve", "there is no city in %s yet; begin with: city enroll STATION, or city serve", dir)
		}
		c, err := open(dir, slog.New(slog.DiscardHandler), func(error) {})
		if !errors.Is(err, ledger.ErrBusy) {
			return c, nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if time.Now().After(deadline) {
			return nil, nil, refuse(err, "数据文件正被另一个程序使用,请等它结束后再试", "another program is using the data file; wait for it to end, then try again")
		}
	}
}

// open opens a data directory, or makes it at its first use. The error wraps
// ledger.ErrBusy while another process has it.
func open(dir string, log *slog.Logger, unsure func(error)) (*city, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, cannotUse(dir, err)
	}
	key, err := openKey(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, ledgerFile)
	events := &upkeep.Events{}
	led, err := upkeep.Open(path, upkeep.Options(dir, bolt.Options{Writer: writer, Indexes: station.Indexes(), Timeout: 200 * time.Millisecond, Report: events.Report}))
	if err != nil {
		return nil, cannotUse(path, err)
	}
	events.LogTo(log)
	if err := upkeep.Sweep(dir); err != nil {
		log.Warn("remove what an earlier check left", "err", err)
	}
	c := &city{dir: dir, led: led, key: key, log: log, unsure: unsure, events: events}
	if err := c.carryKeys(context.Background()); err != nil {
		if _, said := errors.AsType[*sentence](err); !said {
			err = cannotUse(path, err)
		}
		return nil, errors.Join(err, led.Close())
	}
	name, err := led.Local(localName)
	if errors.Is(err, ledger.ErrNotFound) {
		name, err = []byte(plainName), nil
	}
	if err == nil {
		c.desk, err = station.Open(led, station.Options{Log: log, Erase: upkeep.DropBodies(led, log, operator().Account)})
	}
	if err == nil {
		c.in, err = inbox.New(inbox.Config{Ledger: c.desk.Ledger(), Key: key, Name: string(name), Logger: log, Doubts: c.doubts, Unsure: unsure, Record: c.record})
	}
	if err != nil {
		return nil, errors.Join(cannotUse(path, err), led.Close())
	}
	return c, nil
}

// tellNews says what the ledger did by itself when it was opened, a sentence
// a line.
func (c *city) tellNews(w io.Writer) {
	for _, t := range c.events.Notices() {
		fmt.Fprintf(w, "city: %s / %s\n", t.ZH, t.EN) // if stderr is gone there is nobody to tell
	}
}

// close ends the use of the city.
func (c *city) close() error { return c.led.Close() }

// openKey reads the city's key, or makes it where there is no ledger yet. It
// is never made anew beside a ledger: every station has pinned the one that
// was.
func openKey(dir string) (ed25519.PrivateKey, error) {
	path := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if upkeep.Exists(filepath.Join(dir, ledgerFile)) {
			return nil, refuse(nil, "签名密钥 %s 不见了,各站只认原来的密钥。请从备份放回", "the signing key %s is gone, and the stations believe no other; put it back from a copy", path)
		}
		return makeKey(path)
	}
	if err != nil {
		return nil, cannotUse(path, err)
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, refuse(err, "签名密钥 %s 的内容不对,请从备份放回", "the signing key %s does not hold a key; put it back from a copy", path)
	}
	if st, err := os.Stat(path); err == nil && st.Mode().Perm()&0o077 != 0 {
		return nil, refuse(nil, "别的账户能读签名密钥 %[1]s。请运行:chmod 600 %[1]s", "other accounts can read the signing key %[1]s; run: chmod 600 %[1]s", path)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// makeKey writes a new key, durably before anything is signed with it. Of two
// who do so at once one prevails.
func makeKey(path string) (ed25519.PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(rand.Reader, seed); err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+keyFile+".*") // made with mode 0600
	if err != nil {
		return nil, cannotUse(path, err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(hex.EncodeToString(seed) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, cannotUse(path, err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, cannotUse(path, err)
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, cannotUse(path, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return nil, cannotUse(path, err)
	}
	return openKey(filepath.Dir(path))
}

// cannotUse puts the common reasons into words.
func cannotUse(path string, err error) error {
	switch {
	case errors.Is(err, upkeep.ErrNoPassphrase):
		return refuse(err, "数据用口令保护,没有拿到口令;请在终端上启动并输入,或用环境变量 LIAISON_PASSPHRASE_FILE 指定存放口令的文件", "the data opens with a passphrase and none was given; start it on a terminal and type it, or name a file that holds it in LIAISON_PASSPHRASE_FILE")
	case errors.Is(err, ledger.ErrBusy):
		return err
	case errors.Is(err, bolt.ErrSealed):
		return refuse(err, "“%s”是加密的备份,要用恢复密钥才能打开;没有改动任何数据", "%s is a sealed backup and opens with the recovery key only; nothing was changed", path)
	case errors.Is(err, seal.ErrExposed):
		return refuse(err, "别的账户能读钥匙文件 %[1]s,所以没有打开数据;数据还在。请运行:chmod 600 %[1]s", "other accounts can read the key file %[1]s, so the data was not opened; it is still there. Run: chmod 600 %[1]s", upkeep.KeyPath(filepath.Dir(path)))
	case errors.Is(err, bolt.ErrLocked):
		return refuse(err, "打开 %[1]s 的钥匙不在,或不是原来那一把;数据还在。请把钥匙文件 %[2]s 放回原处再试", "the key that opens %[1]s is missing or another one; the data is still there. Put the key file %[2]s back in its place and try again", path, upkeep.KeyPath(filepath.Dir(path)))
	case errors.Is(err, bolt.ErrDamaged):
		return refuse(err, "数据文件 %s 和它的第二份都已损坏,没有改动它们。请用最近的备份恢复(city restore 文件)", "the data file %s and its second copy are damaged and were left as they are; go back to the latest copy with city restore FILE", path)
	case errors.Is(err, bolt.ErrNewer):
		return refuse(err, "数据文件 %s 是更新版本的程序写的,没有改动它。请改用新版程序", "the data file %s was written by a newer version of this program and was left as it is; use that version", path)
	case errors.Is(err, bolt.ErrOther):
		return refuse(err, "%s 是一个联络站的数据,不是市级端的;没有改动它", "%s holds the data of a station, not of a city; nothing was changed", path)
	case errors.Is(err, syscall.EIO):
		return refuse(err, "读写 %s 时硬盘报错;没有改动数据。请技术人员检查硬盘,再试一次", "the disk of %s reported an error; the data was not changed. Have the disk checked, and try again", path)
	case errors.Is(err, fs.ErrPermission):
		return refuse(err, "没有权限读写 %s,请用拥有它的账户再试", "no permission to read and write %s; use the account that owns it", path)
	case errors.Is(err, syscall.EROFS):
		return refuse(err, "%s 所在的盘是只读的", "%s lies on a read-only disk", path)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, ledger.ErrFull):
		return refuse(err, "%s 所在的磁盘已满", "the disk of %s is full", path)
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return refuse(err, "%s 不能用作数据目录:那里不是目录", "%s cannot be used: it is not a directory", path)
	}
	return refuse(err, "打不开 %s", "%s could not be opened", path)
}
