package bolt

import (
	"reflect"
	"testing"
	"unsafe"
)

type writeAt = func(b []byte, off int64) (int, error)

// hookWrites puts wrap around the function with which bbolt writes pages: a
// field it keeps for tests, and keeps to itself.
func hookWrites(t *testing.T, l *Ledger, wrap func(writeAt) writeAt) {
	t.Helper()
	f := reflect.ValueOf(l.db).Elem().FieldByName("ops").FieldByName("writeAt")
	if !f.IsValid() || f.Type() != reflect.TypeFor[writeAt]() {
		t.Fatal("bbolt no longer writes through db.ops.writeAt")
	}
	p := (*writeAt)(unsafe.Pointer(f.UnsafeAddr()))
	*p = wrap(*p)
}

// isMeta reports whether a write goes to one of the two meta pages.
func isMeta(off int64) bool { return off < 2*pageSize }
