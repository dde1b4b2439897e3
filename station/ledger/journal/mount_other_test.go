//go:build !linux

package journal

import "testing"

func smallFileSystem(*testing.T) (string, func(), bool) { return "", nil, false }
