package whatsapp

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// The files hold no ids. A message is known by its chat, the minute, who wrote
// it, what was written, and its number among those that are the same in all
// that: so two exports of one chat give the same ids for the lines they share,
// wherever they begin. A message that was edited or deleted between two exports
// is another one in the later; exports of an iPhone and of Android, or in two
// languages, agree for plain messages only, and not on the seconds of At.

// identify returns the person behind a name as it stands in the file: a
// telephone number, a name, or "~ Name" as strangers call themselves.
func identify(name string) community.Identity {
	name = strings.TrimSpace(strings.TrimPrefix(clean(name), "~"))
	if number, ok := telephone(name); ok {
		return community.Identity{ExternalID: "tel:" + number, Name: name, Phone: number}
	}
	return community.Identity{ExternalID: "name:" + name, Name: name}
}

// telephone reads an international number: "+33 6 12 34 56 78".
func telephone(s string) (string, bool) {
	if !strings.HasPrefix(s, "+") {
		return "", false
	}
	number := []byte{'+'}
	for _, r := range s[1:] {
		switch {
		case digit(r) >= 0:
			number = append(number, '0'+byte(digit(r)))
		case r == ' ' || r == '-' || r == '(' || r == ')' || r == '.' || r == '‑':
		default:
			return "", false
		}
	}
	return string(number), len(number) >= 7 && len(number) <= 18
}

// chatID is the id of a chat by what it is known by.
func chatID(known string) string { return "chat:" + digestHex(known) }

// digest stands for who wrote and what: lines with the same are told apart by
// their number. Attachments count by their caption alone, because an export
// with media names them and one without does not.
func digest(l *line, c content) uint64 {
	h := sha256.New()
	if l.authored {
		_, _ = io.WriteString(h, identify(l.author).ExternalID)
	}
	switch {
	case c.deleted:
		_, _ = io.WriteString(h, "\x00deleted\x00")
	case c.media:
		_, _ = io.WriteString(h, "\x00media\x00")
	default:
		_, _ = io.WriteString(h, "\x00text\x00")
	}
	_, _ = io.WriteString(h, clean(c.text))
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// activityID is the id of what a line tells: letter is m, j, l or n, about is
// what it tells of.
func activityID(letter, chat string, at time.Time, about string, n int) string {
	var tail [16]byte
	binary.BigEndian.PutUint64(tail[:], uint64(minute(at)))
	binary.BigEndian.PutUint64(tail[8:], uint64(n))
	return "whatsapp/" + letter + "/" + digestHex(chat, letter, about, string(tail[:]))
}

// minute counts from 1970.
func minute(at time.Time) int64 { return at.Unix() / 60 }

// digestHex is sixteen characters that stand for the parts.
func digestHex(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}
