package outbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// Error says why a run ended before its end, so that a person knows what to
// do. What the city says has the code it used (see wire.Code), the rest one of
// those below. The voice: what happened, what to do; no raw error.
type Error struct {
	Code  wire.Code `json:"code"`
	ZH    string    `json:"zh"`
	EN    string    `json:"en"`
	Fatal bool      `json:"fatal"` // trying again is of no use before a person has acted
	// Wait is what the city asked for before the next try.
	Wait  time.Duration `json:"-"`
	cause error
}

func (e *Error) Error() string { return e.ZH + " / " + e.EN }

// Unwrap returns what happened in the words of the program, for the log.
func (e *Error) Unwrap() error { return e.cause }

// sentence is one row of what the outbox itself has to say.
type sentence struct {
	code   wire.Code
	zh, en string
}

var (
	badAddress = sentence{"address", "市级服务器的网址不对，应像 https://city.example:8443。请核对后重新登记。",
		"The city's address is wrong; it should look like https://city.example:8443. Check it and enrol again."}
	unknownHost = sentence{"no-network", "找不到市级服务器：网络不通，或网址不对。数据都在本站，联网后会自动补传。",
		"The city cannot be found: no network, or a wrong address. The data are safe here and will be sent when the line is back."}
	refused = sentence{"not-running", "市级服务器没有运行，或被防火墙拦住。数据都在本站，稍后会自动重试。",
		"The city's server is not running, or a firewall is in between. The data are safe here and will be sent later."}
	noAnswer = sentence{"no-answer", "市级服务器没有应答。数据都在本站，稍后会自动重试。",
		"The city does not answer. The data are safe here and will be sent later."}
	cutLine = sentence{"cut", "与市级服务器的连接中断。已确认的不会重传，其余稍后自动续传。",
		"The line to the city was cut. What is confirmed stays confirmed; the rest will be sent later."}
	oldCertificate = sentence{"certificate-expired", "市级服务器的证书已过期或尚未生效。请核对本机时间；时间无误时，请通知市里更换证书。",
		"The city's certificate has expired or is not valid yet. Check this machine's clock; if it is right, tell the city to renew the certificate."}
	badCertificate = sentence{"certificate", "市级服务器的证书不可信，可能连到了别的服务器。没有发送任何数据。请核对网址并联系市里。",
		"The city's certificate cannot be trusted; this may be another server. Nothing was sent. Check the address and ask the city."}
	noTLS = sentence{"no-tls", "对方不支持加密连接，可能网址或端口不对。没有发送任何数据。",
		"The other side does not speak an encrypted protocol; address or port may be wrong. Nothing was sent."}
	impostor = sentence{"not-the-city", "收到的不是市级服务器的答复：可能需要先登录所在网络，或网址不对。没有把任何数据算作已送达。",
		"The answer did not come from the city: you may have to sign in to this network first, or the address is wrong. Nothing was counted as received."}
	cityBehind = sentence{"city-behind", "市级端的数据比本站以前收到的旧，可能换回了旧文件。本站数据已送达；请通知市里的技术人员核对。",
		"The city's data are older than what this station was given before; an old file may have been put back. This station's data have arrived; please tell the city's technical staff."}
	ownDisk = sentence{"own-disk", "本机磁盘已满，无法记录同步结果。请清理磁盘后重试。",
		"This machine's disk is full and the result cannot be kept. Free some space and try again."}
	ownFault = sentence{"own-fault", "本站数据读写出错，同步已停止。请运行 kiosk check 并联系技术人员。",
		"Reading or writing this station's data went wrong and sync has stopped. Run kiosk check and call technical support."}
)

func say(s sentence, cause error) *Error {
	return &Error{Code: s.code, ZH: s.zh, EN: s.en, cause: cause}
}

func notTheCity(cause error) *Error { return say(impostor, cause) }

func forked(cause error) *Error { return problem(wire.NewProblem(wire.Fork), cause) }

// problem is what the city said, as an error. Fatal is what only a person can
// mend.
func problem(p wire.Problem, cause error) *Error {
	e := &Error{Code: p.Code, ZH: p.Detail, EN: p.Title, Wait: p.RetryAfter, cause: cause}
	switch p.Code {
	case wire.Gap, wire.BadDigest, wire.TooMany, wire.Busy, wire.Full, wire.Failing:
	default:
		e.Fatal = true
	}
	return e
}

// network finds the words for a request that got no answer.
func network(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	var (
		invalid   x509.CertificateInvalidError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		verify    *tls.CertificateVerificationError
		dns       *net.DNSError
		timeout   net.Error
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return say(oldCertificate, err)
	case errors.As(err, &invalid), errors.As(err, &authority), errors.As(err, &host), errors.As(err, &verify):
		return say(badCertificate, err)
	case errors.Is(err, http.ErrSchemeMismatch):
		return say(noTLS, err)
	case errors.As(err, &dns), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return say(unknownHost, err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return say(refused, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return say(noAnswer, err)
	}
	return say(cutLine, err)
}

// explain finds the words for whatever ended a run.
func explain(err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.ErrUnexpectedEOF):
		return say(noAnswer, err)
	case errors.Is(err, ledger.ErrFull):
		return say(ownDisk, err)
	case errors.Is(err, ledger.ErrFork):
		return forked(err)
	}
	e = say(ownFault, err)
	e.Fatal = true
	return e
}
