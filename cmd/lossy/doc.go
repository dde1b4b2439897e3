// Package lossy is a disk whose power is cut: a file system that keeps what was
// synced, and of the rest any sectors, in any order. It can also fail any
// write, sync or change of a name, run full, and turn read-only. The tests put
// the real program, kiosk, on it.
//
// They need /dev/fuse and the right to mount; where either is missing they say
// so, and what they could not show. It is a module of its own, so that the
// programs do not depend on what it needs.
//
//	go test -v .
package lossy
