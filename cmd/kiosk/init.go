package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"liaison/cmd/clerk"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
	"liaison/station/typed"
)

// maxName is how many characters a station's name may have.
const maxName = 100

// runInit creates the station. Where the same one exists already it says so
// and is content: a set-up script may run twice.
func runInit(ctx context.Context, inv *invocation) error {
	fs := inv.flagSet()
	code := fs.String("station", "", "")
	name := fs.String("name", "", "")
	area := fs.String("area", "", "")
	suite := fs.String("suite", "aes", "")
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	if err := inv.askFor(code, "联络站代码 Station code (QA01): "); err != nil {
		return err
	}
	if err := inv.askFor(name, "联络站名称 Station name: "); err != nil {
		return err
	}
	info := station.Info{
		Code: strings.ToUpper(strings.TrimSpace(typed.Fold(*code))),
		Name: strings.TrimSpace(typed.Clean(*name, false)),
		Area: strings.TrimSpace(typed.Fold(*area)),
	}
	switch {
	case info.Code == "" || info.Name == "":
		return usage("请写明 --station 代码 和 --name 名称,例如 kiosk init --station QA01 --name 曲阿街道代表联络站", "give --station CODE and --name NAME, such as kiosk init --station QA01 --name 曲阿街道代表联络站")
	case !station.ValidCode(info.Code):
		return usage("代码“%[1]s”不行:应是 2 到 8 个大写字母和数字,以字母开头,例如 QA01", "the code %[1]s will not do: 2 to 8 capital letters and digits, a letter first, such as QA01", clip(info.Code))
	case len([]rune(info.Name)) > maxName:
		return usage("名称最多 %[1]d 个字", "a name has at most %[1]d characters", maxName)
	case strings.Trim(info.Area, "0123456789") != "" || len(info.Area) > 12:
		return usage("--area 应是行政区划代码的开头几位数字,例如 321181001", "--area is the leading digits of a division code, such as 321181001")
	}
	sealed, err := seal.ParseSuite(*suite)
	if err != nil {
		return usage("--suite 应是 aes 或 sm4(国密)", "--suite is aes or sm4")
	}
	return inv.found(ctx, info, sealed)
}

// askFor asks on the terminal for what no flag gave. Without a terminal it
// asks nothing.
func (inv *invocation) askFor(value *string, question string) error {
	if *value != "" || !clerk.IsTerminal(inv.stdin) {
		return nil
	}
	if _, err := io.WriteString(inv.stderr, question); err != nil {
		return err
	}
	line, err := clerk.ReadLine(inv.stdin)
	if err != nil && err != io.EOF {
		return fmt.Errorf("read answer: %w", err)
	}
	*value = strings.TrimSpace(line)
	return nil
}

// found makes the data directory and the ledger, and writes the station's own
// record into it.
func (inv *invocation) found(ctx context.Context, info station.Info, suite seal.Suite) error {
	if inv.kiosk != nil { // the living process was asked
		return inv.compare(info)
	}
	path := filepath.Join(inv.data, ledgerFile)
	if upkeep.Exists(path) {
		return inv.foundAlready(ctx, info)
	}
	if err := os.MkdirAll(inv.data, 0o700); err != nil {
		return cannotMake(inv.data, err)
	}
	led, err := bolt.Open(path, upkeep.Options(inv.data, bolt.Options{Writer: info.Code, Indexes: station.Indexes(), Timeout: heldFor, Suite: suite}))
	if err != nil {
		return cannotOpen(path, err)
	}
	defer led.Close()
	desk, err := station.Open(led, station.Options{})
	if err != nil {
		return cannotOpen(path, err)
	}
	if err := desk.SetInfo(inv.who, info); err != nil {
		return err
	}
	_, err = fmt.Fprintf(inv.stdout, "已建立 %s %s,数据在 %s / station created\n%s / %s\n", info.Code, info.Name, inv.data, upkeep.NoRecovery.ZH, upkeep.NoRecovery.EN)
	return err
}

func cannotMake(dir string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return refuse(err, "没有权限建立目录 %[1]s", "no permission to create the directory %[1]s", dir)
	case errors.Is(err, syscall.EROFS):
		return refuse(err, "%[1]s 所在的盘是只读的", "%[1]s lies on a read-only disk", dir)
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return refuse(err, "%[1]s 不能用作数据目录:那里有一个文件", "%[1]s cannot be used: a file stands there", dir)
	}
	return refuse(err, "建不成目录 %[1]s", "the directory %[1]s could not be created", dir)
}

// foundAlready compares what is asked for with the station that is there.
func (inv *invocation) foundAlready(ctx context.Context, info station.Info) error {
	k, living, err := reach(ctx, inv.data, heldFor)
	if err != nil {
		return err
	}
	if living != nil {
		return inv.forward(ctx, living, false)
	}
	defer k.close()
	k.tellNews(inv.stderr)
	inv.kiosk = k
	return inv.compare(info)
}

// compare answers an init where a station exists. A station whose making was
// cut short before its name was written is completed.
func (inv *invocation) compare(info station.Info) error {
	k := inv.kiosk
	have := k.desk.Info()
	own := k.led.Own().Writer()
	switch {
	case own == info.Code && have.Name == "":
		if err := k.desk.SetInfo(inv.who, info); err != nil {
			return err
		}
		fallthrough
	case own == info.Code && have.Name == info.Name:
		_, err := fmt.Fprintf(inv.stdout, "%s %s 已经建好了 / this station exists already\n", info.Code, info.Name)
		return err
	}
	return refuse(nil, "%[1]s 里已有联络站 %[2]s %[3]s,没有改动它。另建一个请用别的目录:--data 目录", "%[1]s holds the station %[2]s %[3]s already and was left as it is; for another one choose another directory with --data DIR", inv.data, own, have.Name)
}
