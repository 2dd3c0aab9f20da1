package whatsapp

import "testing"

func TestOrder(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		order order
		why   string
	}{
		{"year of four digits in front", []string{"2024/01/02, 10:00 - A: b"}, ymd, whyYearFirst},
		{"Korean, two digits", []string{"[24. 1. 2. 오후 8:15:03] A: b"}, ymd, whyYearFirst},
		{"day above 12", []string{"01/02/24, 10:00 - A: b", "13/02/24, 10:00 - A: b"}, dmy, whyField},
		{"month first, day above 12", []string{"01/02/24, 10:00 - A: b", "01/13/24, 10:00 - A: b"}, mdy, whyField},
		{"a pasted log does not win", []string{"14/01/24, 10:00 - A: b", "15/01/24, 10:00 - A: b", "01/16/24, 10:00 - A: b"}, dmy, whyField},
		{"dots", []string{"01.02.24, 10:00 - A: b"}, dmy, whySeparator},
		{"dots stand against the order of lines", []string{"05.06.24, 10:00 - A: b", "06.05.24, 10:00 - A: b"}, dmy, whySeparator},
		{"attachment of an iPhone", []string{"[06/01/2024, 14:02:11] A: \u200e<pièce jointe : 00000012-PHOTO-2024-01-06-14-02-11.jpg>"}, dmy, whyName},
		{"attachment of Android", []string{"06/01/24, 2:02 PM - A: IMG-20240601-WA0012.jpg (file attached)"}, mdy, whyName},
		{"lines, month first", []string{"05/06/24, 09:00 - A: b", "06/05/24, 09:30 - A: b", "06/07/24, 10:00 - A: b"}, mdy, whyLines},
		{"lines, day first", []string{"05/06/24, 09:00 - A: b", "07/06/24, 09:30 - A: b", "02/07/24, 10:00 - A: b"}, dmy, whyLines},
		{"lines of the same minutes out of order", []string{"05/06/24, 16:13 - A: b", "05/06/24, 16:11 - A joined", "02/07/24, 10:00 - A: b"}, dmy, whyLines},
		{"two digits, year in front", []string{"24-01-31 10:00 - A: b", "24-02-01 10:00 - A: b"}, ymd, whyLines},
		{"one message", []string{"05/06/24, 09:00 - A: b"}, "", ""},
		{"tied", []string{"05/06/24, 09:00 - A: b", "06/06/24, 09:00 - A: b"}, "", ""},
		{"AM and PM decide nothing", []string{"05/06/24, 9:00 AM - A: b", "05/06/24, 9:00 PM - A: b"}, "", ""},
	}
	for _, test := range tests {
		var e evidence
		for _, line := range test.lines {
			h, ok := scanHeader([]byte(line))
			if !ok {
				t.Fatalf("%s: %q has no header", test.name, line)
			}
			e.add(&h)
			e.name(&h, []byte(line)[h.rest:])
		}
		if o, why := e.decide(); o != test.order || why != test.why {
			t.Errorf("%s: %q because of %q, want %q, %q", test.name, o, why, test.order, test.why)
		}
	}
}
