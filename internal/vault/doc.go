// Package vault encrypts what the database must not give away: tokens of
// platforms, second factors, personal data. It also makes keyed fingerprints.
//
// A Ring holds sealing keys and one fingerprint key. The first sealing key is the
// primary: it seals, all of them open. Rotation puts a new primary in front, what
// lies sealed is sealed again (Stale tells which), and then the old key is retired.
// The fingerprint key, whose id is "mac", is never rotated: fingerprints are
// compared with ones made years ago from values that nobody kept, so they could not
// be made again. It is a key of its own and no child of a sealing key for that
// reason, and losing a sealing key does not give it away.
//
// Each purpose has its own keys, derived by HKDF-SHA-256, so that what was sealed for one
// column does not open in another. One key seals at most 2^32 messages per purpose
// before the random nonces of AES-GCM come too near to each other.
package vault
