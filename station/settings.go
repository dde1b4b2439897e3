package station

import (
	"encoding/json"
	"errors"

	"liaison/station/ledger"
)

// Settings of this machine. They are kept beside the accounts and never
// synced. Zero fields mean the default named beside them.
type Settings struct {
	Language string   `json:"language,omitempty"`     // zh, en
	Theme    string   `json:"theme,omitempty"`        // light, dark, contrast, plain
	IdleLock int      `json:"idle_lock,omitempty"`    // minutes without a key until the screen locks; 10
	SyncAt   string   `json:"sync_at,omitempty"`      // 02:00, the start of the nightly window
	SyncMins int      `json:"sync_minutes,omitempty"` // also every so many minutes; 0: nightly only
	Phrases  []string `json:"phrases,omitempty"`      // 常用语 for the reply
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

// SaveSettings keeps settings.
func (d *Desk) SaveSettings(who Who, s Settings) error {
	if err := who.need(RightSettings); err != nil {
		return err
	}
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return d.commit(ledger.Change{Local: []ledger.Local{{Name: "settings", Value: b}}})
}
