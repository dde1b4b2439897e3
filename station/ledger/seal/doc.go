// Package seal keeps what a station writes unreadable on a disk that is
// stolen, and lets one record be erased from a file that is never rewritten.
//
// # Keys
//
// Every file has a file key, 32 random bytes. From it are derived, with HKDF
// (no salt; info "liaison/seal/1 data keys", "… blind index", "… name"), the
// key that wraps data keys, the key of the blind index, and four bytes that
// name it. The file key itself is stored only as a [Wrapped]: once for
// every [Source] that may open it. A source is a systemd credential, a key
// file, a passphrase (Argon2id), or the owner of a recovery identity kept off
// the machine. Changing the sources wraps the file key anew and touches
// nothing else. (What was wrapped for the old source opens with the old
// source for ever; where that must not be, the copies of it have to go.)
//
// Every sealed value has a data key of its own, random, used once, and stored
// with the value, wrapped. Without it the value cannot be read, by anyone:
// [Shred] drops it.
//
// # Suites
//
//	1  AES-256-GCM, SHA-256    the default
//	2  SM4-GCM, SM3            GB/T 32907, GB/T 32905
//
// Two things are not of the national suite when it is chosen, for want of a
// national standard: Argon2id for passphrases, and age (X25519,
// ChaCha20-Poly1305) for backups and recovery.
//
// # A sealed value, version 1
//
//	 0      1  version: 1
//	 1      1  suite
//	 2      1  state: 1 sealed, 2 erased
//	 3      4  name of the file key
//	 7     12  nonce of the wrapping
//	19    k+16 data key (k = 32 or 16) and tag, associated data: bytes 0 to 7
//	       n  text, associated data: bytes 0 to 7, then the caller's
//	      16  tag
//	       4  CRC32C of all before, little-endian
//
// An erased value is bytes 0 to 7 and the CRC. The nonce of the text is zero,
// its key being used once. The nonce of the wrapping is random, which allows
// 2^32 values to a file key: one a second, day and night, for 136 years.
//
// The CRC is no protection against people. It tells rot from a wrong key, and
// lets a check without the key say that a file is sound: see [Sound].
//
// # A wrapped file key, version 1
//
//	 0    4  "LKEY"
//	 4    1  version: 1
//	 5    1  suite
//	 6    1  kind of source: 1 credential, 2 key file, 3 passphrase, 4 recovery
//	 7    4  name of the file key
//	11   16  salt of Argon2id, and of HKDF (info "liaison/seal/1 wrapping"),
//	         which makes the key of the box from the source's secret
//	27    1  length c of the cost
//	28    c  cost of the passphrase: argon2id$v=19$m=65536,t=3,p=4; else empty
//	      2  length b of the box, little-endian
//	      b  the file key: nonce (12), key (32), tag (16), associated data:
//	         all before the length of the box; for recovery an age file
//	      4  CRC32C of all before, little-endian
//
// A [Wrapped] is one or more of these in a row, of one file key and one suite.
// Both layouts are frozen: golden files hold them.
//
// # What stays in memory
//
// Data keys, keys made from passphrases, and what was read from a key file
// are overwritten after use. Not overwritten are: the file key and what is
// derived from it, which live as long as the [Vault]; the round keys inside
// the cipher objects, which Go gives no access to; copies that the garbage
// collector or a growing stack left behind; and texts, which are the
// caller's. A process that holds a vault should run without swap and without
// core dumps (MemorySwapMax=0, LimitCORE=0).
package seal
