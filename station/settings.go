package station

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Settings of this machine. They are kept beside the accounts and never
// synced. Zero fields mean the default named beside them.
type Settings struct {
	Language string   `json:"language,omitempty"`     // zh, en
	Theme    string   `json:"theme,omitempty"`        // auto, light, dark, contrast, plain
	IdleLock int      `json:"idle_lock,omitempty"`    // minutes without a key until the screen locks; 10
	SyncAt   string   `json:"sync_at,omitempty"`      // 02:00, the start of the nightly window
	SyncMins int      `json:"sync_minutes,omitempty"` // also every so many minutes; 0: nightly only
	Phrases  []string `json:"phrases,omitempty"`      // 常用语 for the reply
	// Backups is how many nightly backups are kept, 7; BackupDir is the folder
	// they lie in, absolute, best on another disk: backup in the data directory.
	Backups   int    `json:"backups,omitempty"`
	BackupDir string `json:"backup_dir,omitempty"`
	// Phone stands on the voter's slip. Printer is the queue that papers go to;
	// "" is the system's own choice.
	Phone   string `json:"phone,omitempty"`
	Printer string `json:"printer,omitempty"`
}

// DefaultPhrases are the replies of DOMAIN 9.5.
func DefaultPhrases() []string {
	return []string{"已解释政策", "已当场协调", "已告知办理途径", "已登记转交", "已联系有关部门,三日内派人查看", "已说明进展,请耐心等待"}
}

// Settings returns the settings with their defaults.
func (d *Desk) Settings() Settings {
	s := Settings{}
	if b, err := d.led.Local("settings"); err == nil {
		if err := json.Unmarshal(b, &s); err != nil {
			d.log.Error("read settings", "code", "E-SETTINGS", "err", err)
		}
	} else if !errors.Is(err, ledger.ErrNotFound) {
		d.log.Error("read settings", "code", "E-SETTINGS", "err", err)
	}
	s.Language, s.SyncAt = cmpOr(s.Language, "zh"), cmpOr(s.SyncAt, "02:00")
	if s.IdleLock <= 0 {
		s.IdleLock = 10
	}
	if len(s.Phrases) == 0 {
		s.Phrases = DefaultPhrases()
	}
	return s
}

// Languages and Themes are what the settings may choose from; "" is the
// default.
var (
	Languages = Terms{
		{"zh", "1", Text{"中文", "Chinese"}},
		{"en", "2", Text{"英文", "English"}},
	}
	Themes = Terms{
		{"auto", "0", Text{"随终端", "As the terminal"}},
		{"light", "1", Text{"浅色", "Light"}},
		{"dark", "2", Text{"深色", "Dark"}},
		{"contrast", "3", Text{"高对比", "High contrast"}},
		{"plain", "4", Text{"无颜色", "No colour"}},
	}
)

// Bounds of settings.
const (
	maxIdle    = 8 * 60      // minutes
	maxMinutes = 7 * 24 * 60 // between two syncs
	maxPhrases = 50
	maxBackups = 366
)

// SaveSettings keeps settings. A Problems error says which fields are at
// fault.
func (d *Desk) SaveSettings(who Who, s Settings) error {
	if err := who.need(RightSettings); err != nil {
		return err
	}
	s, ps := checkSettings(s)
	if err := ps.err(); err != nil {
		return err
	}
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return d.save(ledger.Change{Local: []ledger.Local{{Name: "settings", Value: b}},
		New: []ledger.New{d.audit(who, ActSettings, "settings", true, "")}})
}

func checkSettings(s Settings) (Settings, Problems) {
	var ps Problems
	if s.Language != "" {
		ps.add("language", Languages.check(s.Language))
	}
	if s.Theme != "" {
		ps.add("theme", Themes.check(s.Theme))
	}
	if s.IdleLock < 0 || s.IdleLock > maxIdle {
		ps.add("idle_lock", outside(0, maxIdle))
	}
	if s.SyncMins < 0 || s.SyncMins > maxMinutes {
		ps.add("sync_minutes", outside(0, maxMinutes))
	}
	s.SyncAt = ps.clock("sync_at", s.SyncAt)
	if s.Backups < 0 || s.Backups > maxBackups {
		ps.add("backups", outside(0, maxBackups))
	}
	if s.BackupDir = ps.text("backup_dir", s.BackupDir, maxLine); s.BackupDir != "" && !strings.HasPrefix(s.BackupDir, "/") {
		ps.add("backup_dir", &typed.Problem{Code: "path-relative", ZH: "请写完整的目录,以 / 开头,例如 /mnt/backup。", EN: "Give the whole path, beginning with /, such as /mnt/backup."})
	}
	if s.Phone = ps.text("phone", s.Phone, maxName); s.Phone != "" {
		p, err := typed.Phone(s.Phone, "")
		if s.Phone = p; err != nil {
			ps.add("phone", asProblem(err))
		}
	}
	if s.Printer = ps.text("printer", typed.Fold(s.Printer), maxCode); strings.HasPrefix(s.Printer, "-") || strings.ContainsAny(s.Printer, "/ #") {
		ps.add("printer", &typed.Problem{Code: "printer-form", ZH: "打印机名没有空格和斜线,例如 HP_LaserJet。", EN: "A printer's name has no space and no slash, such as HP_LaserJet."})
	}
	var phrases []string
	for _, p := range s.Phrases {
		if p = ps.text("phrases", p, maxLine); p != "" {
			phrases = append(phrases, p)
		}
		if len(phrases) > maxPhrases {
			ps.add("phrases", &typed.Problem{Code: "phrases-many",
				ZH: fmt.Sprintf("常用语最多 %d 条。", maxPhrases), EN: fmt.Sprintf("At most %d phrases.", maxPhrases)})
			break
		}
	}
	s.Phrases = phrases
	return s, ps
}

func outside(from, to int) *typed.Problem {
	return &typed.Problem{Code: "out-of-range",
		ZH: fmt.Sprintf("应在 %d 到 %d 之间。", from, to), EN: fmt.Sprintf("Must be between %d and %d.", from, to)}
}
