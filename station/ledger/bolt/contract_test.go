package bolt

import (
	"path/filepath"
	"testing"

	"liaison/station/ledger"
	"liaison/station/ledger/ledgertest"
)

func TestContract(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T, dir string, o ledgertest.Options) ledger.Ledger {
		t.Helper()
		l, err := Open(filepath.Join(dir, ledgertest.File), Options{Writer: o.Writer, Indexes: o.Indexes, Now: o.Now})
		if err != nil {
			t.Fatal(err)
		}
		return l
	})
}
