//go:build unix

package seal

import "io/fs"

// exposed reports whether others than the owner may read the file. systemd
// lends credentials to the service's user by an access list, which shows as
// rights of the group.
func exposed(m fs.FileMode, k Kind) bool {
	if k == Credentials {
		return m.Perm()&0o007 != 0
	}
	return m.Perm()&0o077 != 0
}
