package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Token returns a new token of 256 random bits as 43 characters that fit into a URL,
// and its hash: the former goes to its holder, the latter into the database.
func Token() (plain string, hash []byte) {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails, by its contract
	plain = base64.RawURLEncoding.EncodeToString(raw[:])
	return plain, HashToken(plain)
}

// HashToken returns the hash of a token, 32 bytes. Any text has one.
func HashToken(plain string) []byte {
	sum := sha256.Sum256([]byte(plain))
	return sum[:]
}

// codeLetters has 32 characters, 5 bits each, without i, l, o and u: the first three
// look like 1, 1 and 0, and the last makes words of chance. What is typed as one of
// the three counts as the digit.
const codeLetters = "0123456789abcdefghjkmnpqrstvwxyz"

// codeSize is the number of characters of a code: 80 bits, out of reach of guessing
// even for somebody who has the hashes.
const codeSize = 16

// RecoveryCodes returns n codes like "7k2m-9qhx-3rtw-c0de", and their hashes in the
// same order. None for n below 1.
func RecoveryCodes(n int) (codes []string, hashes [][]byte) {
	for range n {
		var raw [codeSize]byte
		_, _ = rand.Read(raw[:])
		var b strings.Builder
		for i, r := range raw {
			if i > 0 && i%4 == 0 {
				b.WriteByte('-')
			}
			b.WriteByte(codeLetters[r%32]) // 256 is a multiple of 32: no letter is likelier
		}
		codes = append(codes, b.String())
		hashes = append(hashes, HashRecoveryCode(b.String()))
	}
	return codes, hashes
}

// HashRecoveryCode returns the hash of a code as somebody typed it: capitals,
// spaces, dashes and letters that look like digits make no difference.
func HashRecoveryCode(typed string) []byte {
	same := strings.NewReplacer("o", "0", "i", "1", "l", "1", "-", "", "–", "", " ", "", "\u00a0", "", "\t", "", "\r", "", "\n", "")
	return HashToken("recovery code " + same.Replace(strings.ToLower(typed)))
}
