package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// A Code names what is wrong; programs act on it, people read the sentences.
type Code string

// What the city may answer instead of what was asked for.
const (
	Malformed    Code = "malformed"    // the request is not of the one form
	BadDigest    Code = "digest"       // the body is not the one announced
	TooLarge     Code = "too-large"    //
	BadMedia     Code = "media"        // content type or encoding
	BadSignature Code = "signature"    // not signed with the station's key
	ClockOff     Code = "clock"        // signed outside ClockWindow; Time is the city's
	Stranger     Code = "stranger"     // no such station here, or its key was replaced
	NotYours     Code = "not-yours"    // another station's stream
	NeedTLS      Code = "tls"          //
	NoSuch       Code = "not-found"    //
	Gap          Code = "gap"          // Head is where the city's copy ends
	Fork         Code = "fork"         // Head is where the city's copy ends
	Broken       Code = "broken"       // an entry does not verify
	TooMany      Code = "too-many"     // asked too often; Retry-After
	Busy         Code = "busy"         // Retry-After
	Full         Code = "full"         // the city's disk; Retry-After
	Failing      Code = "failing"      // the city is not able to store; Retry-After
	BadCode      Code = "bad-code"     // no such enrolment code for this station
	CodeExpired  Code = "code-expired" //
	CodeUsed     Code = "code-used"    //
	Revoked      Code = "revoked"      // the city took the station's key back
	SpentKey     Code = "spent-key"    // a key that was revoked or exchanged does not come back
	Replayed     Code = "replayed"     // this very request came before

	problemURN = "urn:liaison:problem:"
)

// saying is a problem's HTTP status and its sentences. The voice: what
// happened, then what to do; no jargon, nobody blamed, no raw error.
type saying struct {
	status int
	zh, en string
}

func say(c Code) (saying, bool) {
	s, ok := map[Code]saying{
		Malformed: {400, "市级服务器看不懂这次请求。请升级本站程序后重试。",
			"The city does not understand this request. Update the program at this station and try again."},
		BadDigest: {400, "数据在传送途中被改动，市级服务器没有接收。程序会自动重发。",
			"The data were changed on the way and the city did not take them. They will be sent again."},
		TooLarge: {413, "这一批数据超过了市级服务器的上限。请联系技术人员。",
			"This batch is larger than the city accepts. Please call technical support."},
		BadMedia: {415, "数据格式不是市级服务器所接收的格式。请升级本站程序后重试。",
			"The data are not in a form the city accepts. Update the program at this station and try again."},
		BadSignature: {401, "市级服务器不认本站的签名。请向市里领取新的登记码，重新登记。",
			"The city does not accept this station's signature. Ask the city for a new code and enrol again."},
		ClockOff: {401, "本机时钟与市级服务器相差太多。请校准本机时间。",
			"This machine's clock differs too much from the city's. Please set the clock."},
		Stranger: {401, "市级服务器没有登记本站，或本站的登记已被新的登记取代。请向市里领取登记码，重新登记。",
			"The city does not know this station, or its enrolment was replaced. Ask the city for a code and enrol again."},
		NotYours: {403, "这些数据不属于本站，市级服务器拒绝了请求。请联系技术人员。",
			"These data are not this station's and the city refused. Please call technical support."},
		NeedTLS: {403, "只能通过加密连接（https）同步。请检查市级服务器的网址。",
			"Sync needs an encrypted connection (https). Check the city's address."},
		NoSuch: {404, "市级服务器上没有这个地址。请检查网址，或升级程序。",
			"The city has nothing at this address. Check the address, or update the program."},
		Gap: {409, "市级服务器缺少前面的数据。程序会从缺口处重新发送。",
			"The city lacks earlier entries. They will be sent from there."},
		Fork: {409, "同一编号下，市级服务器已有不同的内容：可能有两台机器在用同一站点，或数据被改动。已停止发送，请联系技术人员。",
			"The city holds other content under the same number: two machines may be using one station, or data were changed. Sending has stopped; please call technical support."},
		Broken: {422, "有记录未能通过校验，市级服务器没有接收。请运行 kiosk check 并联系技术人员。",
			"An entry does not verify and the city did not take it. Run kiosk check and call technical support."},
		TooMany: {429, "请求过于频繁。程序稍后会自动重试。",
			"Too many requests. The program will try again later."},
		Busy: {503, "市级服务器正忙。程序稍后会自动重试。",
			"The city is busy. The program will try again later."},
		Full: {507, "市级服务器的磁盘已满。数据仍在本站，程序稍后会自动重试。",
			"The city's disk is full. The data are safe at this station and will be sent later."},
		Failing: {503, "市级服务器暂时无法保存数据。数据仍在本站，程序稍后会自动重试。",
			"The city cannot store data at the moment. The data are safe at this station and will be sent later."},
		BadCode: {403, "登记码不对。请核对登记码和站点编号，或向市里领取新的登记码。",
			"The enrolment code is wrong. Check the code and the station's code, or ask the city for a new one."},
		CodeExpired: {403, "登记码已过期。请向市里领取新的登记码。",
			"The enrolment code has expired. Ask the city for a new one."},
		CodeUsed: {403, "登记码已经用过。请向市里领取新的登记码。",
			"The enrolment code was used already. Ask the city for a new one."},
		Revoked: {403, "市里已吊销本站的密钥，不再接收用它签名的数据。数据都在本站；请向市里领取登记码，重新登记。",
			"The city has revoked this station's key and takes nothing signed with it. The data are safe here; ask the city for a code and enrol again."},
		SpentKey: {403, "这把密钥已被吊销或更换，不能再用。请重新登记，程序会生成新的密钥。",
			"This key was revoked or exchanged and does not come back. Enrol again; the program makes a new one."},
		Replayed: {403, "市级服务器已收到过这一次请求，没有再次执行。请重试一次。",
			"The city has had this very request before and did not carry it out again. Please try once more."},
	}[c]
	return s, ok
}

// A Problem is the city's answer when it did not do what was asked: problem
// details (RFC 9457) whose detail a person may read. It is not signed: it may
// stop or delay a run, but nothing is believed to be received because of it.
type Problem struct {
	Type   string    `json:"type"`
	Title  string    `json:"title"` // English
	Status int       `json:"status"`
	Detail string    `json:"detail"` // Chinese
	Code   Code      `json:"code"`
	Time   time.Time `json:"time,omitzero"` // the city's clock
	Head   *Head     `json:"head,omitempty"`
	// RetryAfter travels as the header field of that name.
	RetryAfter time.Duration `json:"-"`
}

// NewProblem returns the problem with its sentences.
func NewProblem(c Code) Problem {
	s, ok := say(c)
	if !ok {
		s, _ = say(Failing)
		c = Failing
	}
	return Problem{Type: problemURN + string(c), Title: s.en, Status: s.status, Detail: s.zh, Code: c}
}

// At returns the problem with the city's time.
func (p Problem) At(t time.Time) Problem { p.Time = milli(t); return p }

// With returns the problem with the city's position.
func (p Problem) With(h Head) Problem { p.Head = &h; return p }

// After returns the problem with the time to wait.
func (p Problem) After(d time.Duration) Problem { p.RetryAfter = d; return p }

func (p Problem) Error() string { return p.Detail + " " + p.Title }

// Write sends the problem as the answer to a request.
func (p Problem) Write(w http.ResponseWriter) error {
	b, err := canonical(p)
	if err != nil {
		return fmt.Errorf("write problem: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", TypeProblem)
	h.Set("Cache-Control", "no-store")
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.RetryAfter+time.Second-1)/time.Second)))
	}
	w.WriteHeader(p.Status)
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write problem: %w", err)
	}
	return nil
}

// ParseProblem reads a problem from an answer. The sentences of a code that
// this program knows are its own; text from the line is not shown to people.
// A problem of unknown code, as a newer city may send, keeps its code and
// status and says that this program is too old. The error wraps ErrMalformed.
func ParseProblem(b []byte) (Problem, error) {
	var p Problem
	if len(b) > MaxSmall {
		return p, fmt.Errorf("%w problem of %d bytes", ErrMalformed, len(b))
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return Problem{}, fmt.Errorf("%w problem: %w", ErrMalformed, err)
	}
	if p.Type != problemURN+string(p.Code) || !quotable(string(p.Code)) || p.Status < 400 || p.Status > 599 {
		return Problem{}, fmt.Errorf("%w problem: type %.80q, status %d", ErrMalformed, p.Type, p.Status)
	}
	s, ok := say(p.Code)
	if !ok {
		s, _ = say(Malformed)
	}
	p.Title, p.Detail = s.en, s.zh
	return p, nil
}

// RetryAfter reads the header field in either of its forms (RFC 9110, section
// 10.2.3); 0 where there is none. What is longer than a day is cut to a day.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	const longest = 24 * time.Hour
	s := h.Get("Retry-After")
	if n, err := strconv.ParseUint(s, 10, 32); err == nil {
		return min(time.Duration(n)*time.Second, longest)
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(0, min(t.Sub(now), longest))
	}
	return 0
}
