package station

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// KindAudit entries lie in a stream of their own beside the station's records
// (`QA01/<epoch>/audit`): chained like these, synced like these, and written
// by the program alone. No role can change or remove one, since nothing in a
// ledger can be, and none is ever erased (等保 2.0, 安全审计: 防篡改、防删除). They are kept for as long as
// the ledger, which is more than the six months that 网络安全法 asks for.
const KindAudit ledger.Kind = "audit"

// auditReader is the last part of the audit stream's name.
const auditReader = ledger.AuditReader

// AuditStream reports whether a stream is an audit log, which counts show
// apart from records.
func AuditStream(s ledger.Stream) bool { return s.Reader() == auditReader }

// An Act is what an audit line says was done.
type Act string

// The acts that are recorded.
const (
	ActStart    Act = "start"     // the program began to serve
	ActStop     Act = "stop"      // it ended in order
	ActSignIn   Act = "sign-in"   //
	ActRefused  Act = "refused"   // a wrong PIN, an unknown key, a right that was lacking
	ActReveal   Act = "reveal"    // a phone or name shown in full
	ActExport   Act = "export"    //
	ActCorrect  Act = "correct"   //
	ActVoid     Act = "void"      //
	ActUserAdd  Act = "user-add"  //
	ActUserDrop Act = "user-drop" //
	ActUserPIN  Act = "user-pin"  //
	ActSettings Act = "settings"  //
	ActImport   Act = "import"    //
	ActEnrol    Act = "enrol"     //
	ActBackup   Act = "backup"    //
	ActRestore  Act = "restore"   //
	ActErase    Act = "erase"     //
	ActEnd      Act = "end"       // somebody's session was ended by another
	ActClock    Act = "clock"     // the clock jumped
	ActRekey    Act = "rekey"     // the station's key for the line to the city was exchanged
	ActInvite   Act = "invite"    // at the city: a one-time code was made
	ActRevoke   Act = "revoke"    // at the city: a station's key was taken back
	ActList     Act = "list"      // at the city: one record of a list or a rule was changed on screen
)

// Acts names them for a person.
var Acts = Terms{
	{string(ActStart), "", Text{"启动", "Started"}},
	{string(ActStop), "", Text{"停止", "Stopped"}},
	{string(ActSignIn), "", Text{"登录", "Signed in"}},
	{string(ActRefused), "", Text{"拒绝", "Refused"}},
	{string(ActReveal), "", Text{"查看完整信息", "Shown in full"}},
	{string(ActExport), "", Text{"导出", "Exported"}},
	{string(ActCorrect), "", Text{"更正", "Corrected"}},
	{string(ActVoid), "", Text{"作废", "Voided"}},
	{string(ActUserAdd), "", Text{"新增账号", "User added"}},
	{string(ActUserDrop), "", Text{"删除账号", "User removed"}},
	{string(ActUserPIN), "", Text{"改 PIN", "PIN set"}},
	{string(ActSettings), "", Text{"改设置", "Settings changed"}},
	{string(ActImport), "", Text{"导入", "Imported"}},
	{string(ActEnrol), "", Text{"接入市级", "Enrolled"}},
	{string(ActBackup), "", Text{"备份", "Backed up"}},
	{string(ActRestore), "", Text{"恢复", "Restored"}},
	{string(ActErase), "", Text{"抹除", "Erased"}},
	{string(ActEnd), "", Text{"结束他人会话", "Session ended"}},
	{string(ActClock), "", Text{"时钟跳变", "Clock jumped"}},
	{string(ActRekey), "", Text{"更换密钥", "Key exchanged"}},
	{string(ActInvite), "", Text{"发登记码", "Code given"}},
	{string(ActRevoke), "", Text{"吊销密钥", "Key revoked"}},
	{string(ActList), "", Text{"改名录规则", "List changed"}},
}

// An AuditLine is one line of the log. It names accounts and numbers, never
// what was typed and never a voter.
type AuditLine struct {
	Seq     ledger.Seq `json:"seq"`
	Stream  string     `json:"stream"`
	At      time.Time  `json:"at"`
	Account string     `json:"account"` // nobody: before a sign-in
	Role    Role       `json:"role,omitempty"`
	Act     Act        `json:"act"`
	Object  string     `json:"object,omitempty"` // a number, an account, a setting
	OK      bool       `json:"ok"`
	Door    string     `json:"door,omitempty"` // screen, ssh, command
	Remote  string     `json:"remote,omitempty"`
	Note    string     `json:"note,omitempty"` // a problem's code, a count
}

type auditBody struct {
	Role   Role   `json:"role,omitempty"`
	Act    Act    `json:"act"`
	Object string `json:"object,omitempty"`
	OK     bool   `json:"ok"`
	Door   string `json:"door,omitempty"`
	Remote string `json:"remote,omitempty"`
	Note   string `json:"note,omitempty"`
}

// Nobody is who acts before a sign-in.
func Nobody(door, remote string) Who { return Who{Account: "nobody", Door: door, Remote: remote} }

// audit is the entry of one act, for the commit that carries the act out.
func (d *Desk) audit(who Who, act Act, object string, ok bool, note string) ledger.New {
	body, err := json.Marshal(auditBody{Role: who.Role, Act: act, Object: brief(object), OK: ok,
		Door: who.Door, Remote: brief(who.Remote), Note: brief(note)})
	if err != nil {
		d.log.Error("audit", "code", "E-AUDIT", "err", err) // strings and a bool always encode
	}
	return ledger.New{Stream: d.led.Own().For(auditReader), Kind: KindAudit, ID: newID(), At: d.now(), By: cmpOr(who.Account, "nobody"), Body: body}
}

// brief holds a text that a line quotes to what fits one.
func brief(s string) string {
	r := []rune(typed.Clean(s, false))
	return string(r[:min(len(r), 64)])
}

// Audit records an act that no other commit carries. Where it cannot be
// written, the act should not happen: the error says so.
func (d *Desk) Audit(who Who, act Act, object string, ok bool, note string) error {
	return d.save(ledger.Change{New: []ledger.New{d.audit(who, act, object, ok, note)}})
}

// refused records a refusal and returns it.
func (d *Desk) refused(who Who, object string, refusal error) error {
	if err := d.Audit(who, ActRefused, object, false, Say(refusal).Code); err != nil {
		d.log.Error("audit", "code", "E-AUDIT", "err", err)
	}
	return refusal
}

// An AuditQuery selects lines; zero fields select all.
type AuditQuery struct {
	From, To typed.Date
	Account  string
	Act      Act
	Text     string // in object, note or remote
	Station  string // at the city: whose log; "" is the city's own
	Limit    int
}

// AuditLog returns the selected lines of every epoch, newest first. Who may
// read the log reads it whole; nobody else reads any of it.
func (d *Desk) AuditLog(who Who, q AuditQuery) ([]AuditLine, error) {
	if err := who.need(RightAudit); err != nil {
		return nil, d.refused(who, "audit", err)
	}
	heads, err := d.led.Heads()
	if err != nil {
		return nil, err
	}
	var out []AuditLine
	for _, h := range heads {
		if h.Stream.Writer() != cmpOr(q.Station, d.code()) || !AuditStream(h.Stream) {
			continue
		}
		for after := ledger.Seq(0); after < h.Seq; {
			es, err := d.led.Since(h.Stream, after, 1000)
			if err != nil {
				return nil, fmt.Errorf("read audit log: %w", err)
			}
			if len(es) == 0 {
				break
			}
			for _, e := range es {
				if l, ok := auditLine(e); ok && q.selects(l) {
					out = append(out, l)
				}
			}
			after = es[len(es)-1].Seq
		}
	}
	slices.SortStableFunc(out, func(a, b AuditLine) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Seq, a.Seq)) })
	if q.Limit > 0 && len(out) > q.Limit {
		out = out[:q.Limit]
	}
	return out, nil
}

func auditLine(e ledger.Entry) (AuditLine, bool) {
	b, err := decode[auditBody](e)
	return AuditLine{Seq: e.Seq, Stream: string(e.Stream), At: e.At, Account: e.By, Role: b.Role, Act: b.Act, Object: b.Object,
		OK: b.OK, Door: b.Door, Remote: b.Remote, Note: b.Note}, err == nil
}

func (q AuditQuery) selects(l AuditLine) bool {
	day := typed.DateOf(l.At.In(Beijing))
	return (q.From.IsZero() || !day.Before(q.From)) && (q.To.IsZero() || !day.After(q.To)) &&
		(q.Account == "" || l.Account == q.Account) && (q.Act == "" || l.Act == q.Act) &&
		(q.Text == "" || strings.Contains(l.Object+"\n"+l.Note+"\n"+l.Remote, q.Text))
}

// Reveal returns a voter's name and phone in full. Lists mask them; showing
// one is an act that is recorded before it is shown.
func (d *Desk) Reveal(who Who, f Full) (Voter, error) {
	if _, err := d.Read(who, f.ID); err != nil {
		return Voter{}, d.refused(who, string(f.Visit.Number), err)
	}
	if err := d.Audit(who, ActReveal, string(f.Visit.Number), true, ""); err != nil {
		return Voter{}, err
	}
	return f.Voter, nil
}
