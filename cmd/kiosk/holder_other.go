//go:build !linux

package main

// holder cannot be told on this system.
func holder(string) int { return 0 }
