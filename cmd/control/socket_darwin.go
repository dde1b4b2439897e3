package control

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// maxSocketPath is what sockaddr_un holds, less the final NUL.
const maxSocketPath = 103

// address refuses a path that does not fit into a socket address.
func address(path string) (addr string, done func(), err error) {
	if len(path) > maxSocketPath {
		return "", nil, fmt.Errorf("%w: %d bytes, at most %d", ErrPath, len(path), maxSocketPath)
	}
	return path, func() {}, nil
}

// peer is the account of the process at the other end, from the kernel.
func peer(c *net.UnixConn) (uid int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, err
	}
	var cred *unix.Xucred
	if e := raw.Control(func(fd uintptr) {
		cred, err = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	}); e != nil {
		return -1, e
	}
	if err != nil {
		return -1, err
	}
	return int(cred.Uid), nil
}
