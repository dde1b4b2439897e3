package upkeep

import "syscall"

// DieWithParent has the kernel end the child when its parent is killed, so
// that no screen is left behind that nobody watches over.
func DieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
