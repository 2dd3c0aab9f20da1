package whatsapp

import (
	"strings"
	"testing"
	"time"
)

// spaced writes the invisible characters of a case: ~ NBSP, ^ NNBSP, ‹ LRM, › RLM.
var spaced = strings.NewReplacer("~", "\u00A0", "^", "\u202F", "‹", "\u200E", "›", "\u200F")

func TestHeaderForms(t *testing.T) {
	tests := []struct {
		line  string
		order order
		want  string
	}{
		{"31/12/2023, 20:15 - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"12/31/23, 8:15 PM - Ana: hi", mdy, "2023-12-31 20:15:00"},
		{"12/31/23, 8:15^PM - Ana: hi", mdy, "2023-12-31 20:15:00"},
		{"31/12/23, 8:15 pm - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"31/12/2023, 8:15 pm - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"12/31/23, 20:15 - Ana: hi", mdy, "2023-12-31 20:15:00"},
		{"‹[12/31/23, 20:15:03] Ana: hi", mdy, "2023-12-31 20:15:03"},
		{"[31/12/23 20:15:03] Ana: hi", dmy, "2023-12-31 20:15:03"},
		{"2023/12/31, 20:15 - Ana: hi", ymd, "2023-12-31 20:15:00"},
		{"2023-12-31, 20:15 - Ana: hi", ymd, "2023-12-31 20:15:00"},
		{"[31/12/2023, 20:15:03] Ana: hi", dmy, "2023-12-31 20:15:03"},
		{"31.12.23, 20:15 - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"31.12.23 20:15 - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"31. 12. 2023 20:15 - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"[31/12/23 20.15.03] Ana: hi", dmy, "2023-12-31 20:15:03"},
		{"31/12/23 20.15 - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"31-12-2023 20:15 - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"31/12/2023, 8:15 p.m. - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"31/12/23, 8:15^p.~m. - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"01/01/2024, 00:08 a. m. - Ana: hi", dmy, "2024-01-01 00:08:00"},
		{"1/1/24, 12:08 a. m. - Ana: hi", dmy, "2024-01-01 00:08:00"},
		{"1/1/24, 12:08 PM - Ana: hi", dmy, "2024-01-01 12:08:00"},
		{"31/12/2023 à 20:15 - Ana : salut", dmy, "2023-12-31 20:15:00"},
		{"31/12/2023, 8:15 in the evening - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"31.12.2023 klo 20.15 - Ana: hei", dmy, "2023-12-31 20:15:00"},
		{"31/12/2566 BE 20:15 - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"31/12/2566 20:15 - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"31/12/66 20:15 - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"[31/12/2566 พ.ศ. 20:15:03] Ana: hi", dmy, "2023-12-31 20:15:03"},
		{"‹[2023. 12. 31. 오후 8:15:03] 지민: hi", ymd, "2023-12-31 20:15:03"},
		{"[2023/12/31 下午8:15:03] 小明: hi", ymd, "2023-12-31 20:15:03"},
		{"[2023/12/31 午前8:15:03] 健太: hi", ymd, "2023-12-31 08:15:03"},
		{"2023年12月31日 20:15 - 健太: hi", ymd, "2023-12-31 20:15:00"},
		{"›[31/12/2023, 8:15:03 م] خالد: hi", dmy, "2023-12-31 20:15:03"},
		{"[٣١/١٢/٢٠٢٣، ٨:١٥:٠٣ م] خالد: hi", dmy, "2023-12-31 20:15:03"},
		{"[٣١›/١٢›/٢٠٢٣، ٨:١٥:٠٣ ص] خالد: hi", dmy, "2023-12-31 08:15:03"},
		{"۳۱/۱۲/۲۰۲۳, ۲۰:۱۵ - خالد: hi", dmy, "2023-12-31 20:15:00"},
		{"2023-12-31 20 h 15 - Ana: salut", ymd, "2023-12-31 20:15:00"},
		{"[2023-12-31, 20 h 15 min 03 s] Ana: salut", ymd, "2023-12-31 20:15:03"},
		{"31/12/23 20:15:03: Ana: hi", dmy, "2023-12-31 20:15:03"},
		{"\uFEFF31/12/2023, 20:15 - Ana: hi", dmy, "2023-12-31 20:15:00"},
		{"31/12/2023, 20:15 – Ana: hi", dmy, "2023-12-31 20:15:00"},
	}
	for _, test := range tests {
		line := spaced.Replace(test.line)
		h, ok := scanHeader([]byte(line))
		if !ok {
			t.Errorf("%q: no header", test.line)
			continue
		}
		c := clock{location: time.UTC}
		at, ok := c.moment(&h, test.order)
		if got := at.Format("2006-01-02 15:04:05"); !ok || got != test.want {
			t.Errorf("%q: %s, want %s", test.line, got, test.want)
		}
		author, _, _ := strings.Cut(line[h.rest:], ":")
		if n := len([]rune(strings.TrimSpace(author))); n < 2 || n > 4 {
			t.Errorf("%q: author and text are %q", test.line, line[h.rest:])
		}
	}
}

func TestNoHeader(t *testing.T) {
	for _, line := range []string{
		"", "hello", "12", "12/31", "12/31/23", "12/31/23, 8:15", "1. milk", "31/12/2023 was a good day - really",
		"20:15 - Ana: hi", "123/12/2023, 20:15 - Ana: hi", "31/12/2023, 25:15 - Ana: hi", "31/12/2023, 20:75 - Ana: hi",
		"31/12-2023, 20:15 - Ana: hi", "2023/12/2023, 20:15 - Ana: hi", "31/12/2023, 8:15 xm - Ana: hi",
		"31/12/2023 banana 8:15 - Ana: hi", "[31/12/2023, 20:15:03 Ana: hi", "31/12/2023, 20:15-Ana: hi", "[[31/12/2023, 20:15] x",
		"192.168.1.1 - - [10/Oct/2000:13:55:36] GET", "31/12/2023, 8:15 PMish text - more",
	} {
		if h, ok := scanHeader([]byte(line)); ok {
			t.Errorf("%q: taken for a header: %+v", line, h)
		}
	}
}

func TestImpossibleDays(t *testing.T) {
	for _, line := range []string{"31/02/2023, 20:15 - A: b", "00/01/2023, 20:15 - A: b", "01/13/2023, 20:15 - A: b", "32/01/2023, 20:15 - A: b"} {
		h, ok := scanHeader([]byte(line))
		if !ok {
			t.Fatalf("%q: no header", line)
		}
		c := clock{location: time.UTC}
		if at, ok := c.moment(&h, dmy); ok {
			t.Errorf("%q: is %s", line, at)
		}
	}
}

func FuzzHeader(f *testing.F) {
	f.Add("31/12/2023, 20:15 - Ana: hi")
	f.Add(spaced.Replace("‹[2023. 12. 31. 오후 8:15:03] 지민: hi"))
	f.Add("[٣١/١٢/٢٠٢٣، ٨:١٥:٠٣ م] خالد: hi")
	f.Add("[2023-12-31, 20 h 15 min 03 s] Ana: salut")
	f.Fuzz(func(t *testing.T, text string) {
		h, ok := scanHeader([]byte(text))
		if !ok {
			return
		}
		if h.rest < 8 || h.rest > len(text) || h.dateEnd > h.rest {
			t.Fatalf("%q: rest at %d", text, h.rest)
		}
		if h.hour > 23 || h.minute > 59 || h.second > 59 {
			t.Fatalf("%q: time %d:%d:%d", text, h.hour, h.minute, h.second)
		}
		if again, ok := scanHeader([]byte(text[:h.rest])); !ok || again != h {
			t.Fatalf("%q: another header without its text", text)
		}
	})
}
