package clerk

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/crypto/ssh"
	"golang.org/x/term"

	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/typed"
)

// Account is one line of `user list --json`.
type Account struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Role   string    `json:"role"`
	Deputy string    `json:"deputy,omitempty"`
	PIN    bool      `json:"pin"`
	Keys   []string  `json:"keys"` // fingerprints
	Made   time.Time `json:"made"`
	Until  string    `json:"until,omitempty"` // last day, 2006-01-02
}

// userFlags are those of every `user` command; each takes what it knows.
type userFlags struct {
	role, key, deputy string
	until, second     string
	pin, json         bool
}

func newUserFlags() (*userFlags, *pflag.FlagSet) {
	var f userFlags
	fs := Flags("user")
	fs.StringVar(&f.role, "role", "", "")
	fs.StringVar(&f.key, "key", "", "")
	fs.StringVar(&f.deputy, "deputy", "", "")
	fs.StringVar(&f.until, "until", "", "")
	fs.StringVar(&f.second, "second", "", "")
	fs.BoolVar(&f.pin, "pin", false, "")
	fs.BoolVar(&f.json, "json", false, "")
	return &f, fs
}

// Users looks after the accounts of this machine.
func Users(inv Call, args []string) error {
	f, fs := newUserFlags()
	args, err := inv.Parse(fs, args, 1, 3)
	if err != nil {
		return err
	}
	if len(args) == 3 {
		if args[0] != "until" {
			return inv.misused()
		}
		return inv.userUntil(args[1], args[2])
	}
	if list := args[0] == "list"; list != (len(args) == 1) {
		return inv.misused()
	}
	switch args[0] {
	case "list":
		return inv.userList(f.json)
	case "add":
		return inv.userAdd(args[1], f)
	case "remove":
		return inv.userRemove(args[1])
	case "pin":
		return inv.userPIN(args[1], f.second)
	}
	return usage("没有 user %[1]s;可以是 add list remove pin until", "there is no user %[1]s; there are add, list, remove, pin and until", clip(args[0]))
}

func (inv Call) userAdd(name string, f *userFlags) error {
	if f.role == "" {
		return usage("请写明 --role:%[1]s", "give --role, one of %[1]s", inv.roleWords())
	}
	u := station.User{Name: name, Role: station.Role(f.role), Deputy: f.deputy}
	if f.key != "" {
		if f.key == "-" && f.pin {
			return usage("--key - 和 --pin 不能同时从标准输入读", "--key - and --pin cannot both read standard input")
		}
		k, err := inv.readKey(f.key)
		if err != nil {
			return err
		}
		u.Keys = []station.UserKey{k}
	}
	if _, ok := inv.Desk.Deputy(f.deputy); f.deputy != "" && !ok {
		return refuse("名册里没有代表编号“%[1]s”", "the roster has no deputy %[1]s", clip(f.deputy))
	}
	if f.until != "" {
		var err error
		if u.Expires, err = inv.day(f.until); err != nil {
			return err
		}
	}
	pin := ""
	if f.pin {
		var err error
		if pin, err = ReadPIN(inv.Stdin); err != nil {
			return err
		}
		u.First = true // whoever gives the command knows it
	}
	u, err := inv.Desk.AddUser(inv.Who, u, pin)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(inv.Stdout, "已建账号 %s(%s) / account %s created\n", u.Name, u.Who().RoleText().ZH, u.ID)
	return err
}

func (inv Call) roleWords() string {
	var words []string
	for _, r := range inv.Desk.Roles() {
		words = append(words, r.Code)
	}
	return strings.Join(words, " ")
}

// readKey reads one OpenSSH public key.
func (inv Call) readKey(name string) (station.UserKey, error) {
	in, err := inv.Open(name)
	if err != nil {
		return station.UserKey{}, err
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, 64<<10))
	if err != nil {
		return station.UserKey{}, refuse("“%[1]s”读不出来", "%[1]s could not be read", clip(name))
	}
	if strings.Contains(string(b), "PRIVATE KEY") {
		return station.UserKey{}, refuse("这是私钥,请给公钥文件(.pub);私钥不要离开它的电脑", "this is a private key; give the .pub file, and let the private one never leave its machine")
	}
	key, comment, _, _, err := ssh.ParseAuthorizedKey(b)
	if err != nil {
		return station.UserKey{}, refuse("“%[1]s”里没有 SSH 公钥;它应以 ssh-ed25519 这样的词开头", "there is no SSH public key in %[1]s; one begins with a word such as ssh-ed25519", clip(name))
	}
	return station.UserKey{Fingerprint: ssh.FingerprintSHA256(key), Comment: clip(comment)}, nil
}

func (inv Call) userList(asJSON bool) error {
	us, err := inv.Desk.Users()
	if err != nil {
		return err
	}
	if asJSON {
		out := report.NewLines(inv.Stdout)
		for _, u := range us {
			a := Account{ID: u.ID, Name: u.Name, Role: string(u.Role), Deputy: u.Deputy, PIN: u.PIN != "", Keys: []string{}, Made: u.Made.In(station.Beijing)}
			if !u.Expires.IsZero() {
				a.Until = u.Expires.String()
			}
			for _, k := range u.Keys {
				a.Keys = append(a.Keys, k.Fingerprint)
			}
			if err := out.Put(a); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	t := report.NewTable(report.Column{Head: "账号 ID"}, report.Column{Head: "姓名 Name"}, report.Column{Head: "角色 Role"}, report.Column{Head: "PIN"}, report.Column{Head: "到期 Until"}, report.Column{Head: "公钥 Key"})
	for _, u := range us {
		pin, key := "", ""
		if u.PIN != "" {
			pin = "有"
		}
		if len(u.Keys) > 0 {
			key = strings.TrimSpace(u.Keys[0].Fingerprint + " " + u.Keys[0].Comment)
		}
		t.Row(u.ID, u.Name, u.Who().RoleText().ZH+" "+string(u.Role), pin, until(u), key)
	}
	return t.Print(inv.Stdout)
}

func until(u station.User) string {
	if u.Expires.IsZero() {
		return ""
	}
	return u.Expires.String()
}

func (inv Call) userRemove(name string) error {
	if err := inv.Desk.RemoveUser(inv.Who, name); err != nil {
		return err
	}
	_, err := fmt.Fprintf(inv.Stdout, "已删除账号 %s;其登记都在 / account removed; what it recorded stays\n", clip(name))
	return err
}

// userPIN sets a PIN, which also opens an account that wrong tries have
// locked. An administrator's takes a second person, whose PIN is the second
// line of the input.
func (inv Call) userPIN(name, second string) error {
	u, err := inv.account(name)
	if err != nil {
		return err
	}
	pin, err := ReadPIN(inv.Stdin)
	if err != nil {
		return err
	}
	s := station.Second{Account: second}
	if second != "" {
		if s.PIN, err = ReadPIN(inv.Stdin); err != nil {
			return err
		}
	}
	if err := inv.Desk.Unlock(inv.Who, u.ID, pin, s); err != nil {
		return err
	}
	_, err = fmt.Fprintf(inv.Stdout, "已重设 %s 的 PIN / the PIN was set\n", u.Name)
	return err
}

// account finds an account by name or id.
func (inv Call) account(name string) (station.User, error) {
	us, err := inv.Desk.Users()
	if err != nil {
		return station.User{}, err
	}
	i := slices.IndexFunc(us, func(u station.User) bool { return u.Name == name || u.ID == name })
	if i < 0 {
		return station.User{}, refuse("没有“%[1]s”这个账号", "there is no account %[1]s", clip(name))
	}
	return us[i], nil
}

// userUntil gives an account its last day.
func (inv Call) userUntil(name, until string) error {
	u, err := inv.account(name)
	if err != nil {
		return err
	}
	var last typed.Date
	if until != "-" {
		if last, err = inv.day(until); err != nil {
			return err
		}
	}
	if err := inv.Desk.SetExpires(inv.Who, u.ID, last); err != nil {
		return err
	}
	if until == "-" {
		_, err = fmt.Fprintf(inv.Stdout, "%s 的账号不设期限 / no last day\n", u.Name)
	} else {
		_, err = fmt.Fprintf(inv.Stdout, "%s 的账号用到 %s 为止 / last day %[2]s\n", u.Name, last)
	}
	return err
}

// ReadPIN reads the one line that AskPIN, or whoever calls without a
// terminal, has put on standard input.
func ReadPIN(r io.Reader) (string, error) {
	line, err := ReadLine(r)
	if err != nil && err != io.EOF || line == "" {
		return "", refuse("标准输入里没有 PIN", "there is no PIN on standard input")
	}
	return strings.TrimSpace(line), nil
}

// AskPIN asks for a new PIN on the terminal, twice and without echo, where
// the command wants one. It runs in the caller's own process.
func AskPIN(inv Call, args []string) (io.Reader, error) {
	f, fs := newUserFlags()
	args, err := inv.Parse(fs, args, 0, 9)
	if err != nil {
		return inv.Stdin, nil // said by the command itself
	}
	wanted := len(args) == 2 && (args[0] == "add" && f.pin || args[0] == "pin")
	if !wanted || !IsTerminal(inv.Stdin) {
		return inv.Stdin, nil
	}
	first, err := inv.Secret("新 PIN / new PIN: ")
	if err != nil {
		return nil, err
	}
	again, err := inv.Secret("再输一次 / again: ")
	if err != nil {
		return nil, err
	}
	if first != again {
		return nil, refuse("两次输入的 PIN 不一样", "the two PINs differ")
	}
	if f.second == "" {
		return strings.NewReader(first + "\n"), nil
	}
	other, err := inv.Secret(fmt.Sprintf("%s 的 PIN / PIN of the second person: ", clip(f.second)))
	if err != nil {
		return nil, err
	}
	return strings.NewReader(first + "\n" + other + "\n"), nil
}

// Secret asks on the terminal without echo.
func (inv Call) Secret(prompt string) (string, error) {
	fmt.Fprint(inv.Stderr, prompt)
	b, err := term.ReadPassword(int(inv.Stdin.(*os.File).Fd()))
	fmt.Fprintln(inv.Stderr)
	if err != nil {
		return "", refuse("没有读到 PIN", "no PIN was read")
	}
	return string(b), nil
}
