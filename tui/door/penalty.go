package door

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"
)

// An offence is how a connection ended that never authenticated. Its value is
// what it costs its source, after the example of OpenSSH's PerSourcePenalties.
type offence time.Duration

// The offences. Keys are not guessed, so these are small; they grow by
// repetition.
const (
	offenceKeys   = offence(5 * time.Second) // only keys that are not let in
	offenceSilent = offence(5 * time.Second) // nothing until the handshake's deadline
	offenceNone   = offence(time.Second)     // the handshake, and then no key
	offenceAbort  = offence(time.Second)     // not even that
)

const (
	freeDebt    = 15 * time.Second // what a source may owe without waiting: a forgotten key, a probe
	forgiveness = time.Minute      // without a failure
	faultMemory = 10 * time.Minute // after the last one all is forgotten
	maxFaults   = 4096             // sources remembered
	fewFaults   = 64               // looked at when one must go
)

// fault is the memory of a source whose connections failed to authenticate.
type fault struct {
	debt  time.Duration // what it owes, at last; a second a second goes off
	times int           // how often it has had to wait; one a forgiveness goes off
	last  time.Time
	until time.Time // refused until then
}

// offence is what the connection is guilty of when it ends now.
func (v *visitor) offence(now time.Time) offence {
	switch {
	case v.failed:
		return offenceKeys
	case v.asked:
		return offenceNone
	case now.Sub(v.since) >= v.gate.limits.Handshake:
		return offenceSilent
	}
	return offenceAbort
}

// fail adds an offence to what src owes. From freeDebt on it makes the source
// wait, twice as long each time, and never longer than the penalty. Connections
// refused while it waits do not prolong it: an honest person behind the same
// address waits no longer than that, and is told how long.
func (g *gate) fail(src netip.Prefix, o offence, now time.Time) {
	f := g.faults[src]
	if f == nil || now.Sub(f.last) > faultMemory {
		g.dropFault()
		f = &fault{last: now}
		g.faults[src] = f
	}
	f.debt = max(0, f.debt-now.Sub(f.last)) + time.Duration(o)
	if quiet := now.Sub(f.until); f.times > 0 && quiet > 0 {
		f.times = max(0, f.times-int(quiet/forgiveness))
	}
	f.last = now
	if f.debt <= freeDebt && f.times == 0 {
		return
	}
	f.times++
	wait := min(time.Duration(o)<<min(f.times-1, 20), g.limits.Penalty)
	f.until = now.Add(wait)
	g.log.Warn("door: repeated failures", "code", codePenalty, "source", src.String(), "times", f.times, "wait", wait)
}

// dropFault makes a place in a full memory, of the one that has been quiet
// longest among a few of them: those that go on are among the last to go.
func (g *gate) dropFault() {
	if len(g.faults) < maxFaults {
		return
	}
	var quietest netip.Prefix
	var since time.Time
	n := 0
	for src, f := range g.faults {
		if since.IsZero() || f.last.Before(since) {
			quietest, since = src, f.last
		}
		if n++; n == fewFaults {
			break
		}
	}
	delete(g.faults, quietest)
}

// A code says why somebody was not let in: to them, and in the log.
type code string

// The codes.
const (
	codePenalty code = "D-PENALTY" // repeated failures from that address
	codeShare   code = "D-SHARE"   // as many connections from there as one address may have
	codeFull    code = "D-FULL"    // as many connections as there may be
	codeShut    code = "D-SHUT"    // the program is stopping
)

// sentence is what the person reads. English first: OpenSSH shows other letters
// as numbers.
func (c code) sentence(wait time.Duration) string {
	switch c {
	case codePenalty:
		n := int((wait + time.Second - 1) / time.Second)
		return fmt.Sprintf("too many failed sign-ins from your address, try again in %d s (%s) / 你的网络地址多次登录失败,请 %[1]d 秒后再试", n, c)
	case codeShare:
		return fmt.Sprintf("too many connections from your address, close some (%s) / 你的网络地址已有太多连接,请先断开一些", c)
	case codeFull:
		return fmt.Sprintf("too many connections, try again later (%s) / 连接太多,请稍后再试", c)
	}
	return fmt.Sprintf("the program is stopping, try again later (%s) / 程序正在停止,请稍后再试", c)
}

// refusal is what is counted together.
type refusal struct {
	why code
	src netip.Prefix
}

// tally counts refusals between two lines of the log.
type tally struct {
	n    int
	last time.Time // line
}

const (
	logEvery = 10 * time.Second
	maxTally = 1024 // refusals told apart
)

// count logs a refusal: the first one, and then how many there were, so that a
// flood does not fill the log too.
func (g *gate) count(why code, src netip.Prefix, now time.Time, wait time.Duration) {
	if why == codeFull || why == codeShut {
		src = netip.Prefix{}
	}
	t := g.refused[refusal{why, src}]
	if t == nil {
		for k := range g.refused { // any one: it costs a line more
			if len(g.refused) < maxTally {
				break
			}
			delete(g.refused, k)
		}
		t = &tally{}
		g.refused[refusal{why, src}] = t
	}
	t.n++
	if now.Sub(t.last) < logEvery {
		return
	}
	g.log.Warn("door: refused", "code", why, "source", src.String(), "connections", t.n, "wait", wait.Round(time.Second))
	t.n, t.last = 0, now
}

const (
	maxTelling = 16                     // at once; others are closed without a word
	tellTime   = 500 * time.Millisecond // for the client to read it
)

// tell says to a client why it may not enter, in a form that every client
// shows and that costs no handshake: our version, and SSH_MSG_DISCONNECT (RFC
// 4253, 11.1) before any key exchange.
func (g *gate) tell(c net.Conn, why code, wait time.Duration) {
	select {
	case g.telling <- struct{}{}:
		defer func() { <-g.telling }()
	default:
		return
	}
	if c.SetDeadline(time.Now().Add(tellTime)) != nil {
		return
	}
	if _, err := c.Write(append([]byte("SSH-2.0-liaison\r\n"), disconnect(why.sentence(wait))...)); err != nil {
		return
	}
	if half, ok := c.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	// A reset for what it has sent meanwhile would overtake the sentence.
	_, _ = io.CopyN(io.Discard, c, 64<<10)
}

// disconnect is one unencrypted packet (RFC 4253, 6).
func disconnect(text string) []byte {
	const msgDisconnect, tooManyConnections = 1, 12
	payload := binary.BigEndian.AppendUint32([]byte{msgDisconnect}, tooManyConnections)
	payload = append(binary.BigEndian.AppendUint32(payload, uint32(len(text))), text...)
	payload = binary.BigEndian.AppendUint32(payload, 0) // no language
	pad := 8 - (5+len(payload))%8
	if pad < 4 {
		pad += 8
	}
	packet := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+pad))
	packet = append(append(packet, byte(pad)), payload...)
	return append(packet, make([]byte, pad)...)
}
