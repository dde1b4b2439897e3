//go:build !linux

package main

import "syscall"

// dieWithParent cannot be asked for on this system: a parent that is killed
// leaves its child on the terminal, which ends it when it is closed.
func dieWithParent() *syscall.SysProcAttr { return nil }
