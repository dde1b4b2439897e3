package clerk

import (
	"io"

	"liaison/station"
)

// Restores says why going back to a backup takes two: see Consent.
var Restores = station.Text{ZH: "恢复会替换现有的数据", EN: "a restore replaces the data that is there"}

// Consent asks for the second person of what cannot be undone, such as going
// back to a backup over data, and returns what the audit log says of it. Where
// no second account could be asked, nobody is. Why begins the sentence that
// asks for one.
func Consent(d *station.Desk, who station.Who, why station.Text, second string, stdin io.Reader) (note string, err error) {
	s := station.Second{Account: second}
	if second != "" {
		if s.PIN, err = ReadPIN(stdin); err != nil {
			return "", err
		}
	}
	by, err := d.NeedSecond(who, s)
	if err == nil {
		return "with " + by.Account, nil
	}
	if station.Say(err).Code != station.ErrSecond || second != "" {
		return "", err
	}
	us, err := d.Users()
	if err != nil {
		return "", err
	}
	for _, u := range us {
		if u.Who().May(station.RightErase) && u.PIN != "" {
			return "", refuse("%[1]s,要两个人同意:请加 --second 另一位站长或管理员的姓名,并输入其 PIN", "%[2]s and takes two people: add --second NAME of a head or administrator, and their PIN", why.ZH, why.EN)
		}
	}
	return "alone: no second account", nil
}
