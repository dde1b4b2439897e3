//go:build !linux

package upkeep

import "syscall"

// DieWithParent cannot be asked for on this system: a parent that is killed
// leaves its child on the terminal, which ends it when it is closed.
func DieWithParent() *syscall.SysProcAttr { return nil }
