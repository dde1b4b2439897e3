//go:build !linux

package bolt

import (
	"errors"
	"testing"
)

func smallDisk(*testing.T, int) (string, bool) { return "", false }

func growDisk(string, int) error { return errors.ErrUnsupported }
