package upkeep

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"
)

// A Notifier tells systemd how the service is, by its protocol sd_notify(3): a
// datagram to the socket that it named. Without one it does nothing. What
// cannot be told is not: systemd draws its own conclusions.
type Notifier struct {
	conn  *net.UnixConn
	every time.Duration // between two signs of life; 0: none is asked for
}

// NewNotifier reads where systemd listens from this process's environment.
func NewNotifier(getenv func(string) string) *Notifier {
	n := &Notifier{}
	path := getenv("NOTIFY_SOCKET")
	if path == "" {
		return n
	}
	if rest, ok := strings.CutPrefix(path, "@"); ok { // of Linux's abstract kind
		path = "\x00" + rest
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return n
	}
	n.conn = conn
	if us, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && us > 0 {
		n.every = time.Duration(us) * time.Microsecond / 3 // one may be late
	}
	return n
}

func (n *Notifier) tell(lines ...string) {
	if n.conn != nil {
		_, _ = n.conn.Write([]byte(strings.Join(lines, "\n")))
	}
}

// Ready says that the service serves, and in a few words what.
func (n *Notifier) Ready(status string) { n.tell("READY=1", "STATUS="+status) }

// Stopping says that it ends in order.
func (n *Notifier) Stopping() { n.tell("STOPPING=1") }

// Live gives a sign of life for as long as alive returns, and no error, until
// ctx ends. Where alive hangs systemd ends the process and starts it again.
func (n *Notifier) Live(ctx context.Context, alive func() error) {
	if n.conn == nil || n.every == 0 {
		return
	}
	tick := time.NewTicker(n.every)
	defer tick.Stop()
	for {
		if alive() == nil {
			n.tell("WATCHDOG=1")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
