package slack

import (
	"strconv"
	"strings"
	"time"
)

// stamp is a Slack "ts": seconds and microseconds as text, unique in its
// channel. It is kept as text, because a float64 cannot hold it; the zero value
// is none.
type stamp string

// maxSecond is the last second of the year 9999.
const maxSecond = 253402300799

// parseStamp reads "1600000000.000100" and brings a shorter fraction to six
// digits. It returns none for anything else.
func parseStamp(s string) stamp {
	seconds, fraction, _ := strings.Cut(s, ".")
	if seconds == "" || len(seconds) > 12 || len(fraction) > 6 || !digits(seconds) || !digits(fraction) {
		return ""
	}
	if n, err := strconv.ParseInt(seconds, 10, 64); err != nil || n > maxSecond {
		return ""
	}
	if len(fraction) == 6 {
		return stamp(s)
	}
	return stamp(seconds + "." + fraction + "000000"[len(fraction):])
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// time is the moment, exact to the microsecond; the zero time for none.
func (s stamp) time() time.Time {
	seconds, fraction, ok := strings.Cut(string(s), ".")
	if !ok {
		return time.Time{}
	}
	n, _ := strconv.ParseInt(seconds, 10, 64)
	micro, _ := strconv.ParseInt(fraction, 10, 64)
	return time.Unix(n, micro*1000).UTC()
}

// revision is the moment in milliseconds; 0 for none.
func (s stamp) revision() int64 {
	if s == "" {
		return 0
	}
	return s.time().UnixMilli()
}

// second is the stamp of a Unix second; none for 0.
func second(n int) stamp {
	if n <= 0 {
		return ""
	}
	return parseStamp(strconv.Itoa(n))
}
