package whatsapp

import "bytes"

// attachedOn finds the day in the name of an attachment, which WhatsApp writes
// year first: 00000012-PHOTO-2024-01-06-14-05-37.jpg on iPhones,
// IMG-20240106-WA0012.jpg on Android.
func attachedOn(line []byte) (month, day int, ok bool) {
	for {
		i := bytes.Index(line, []byte("-20"))
		if i < 0 {
			return 0, 0, false
		}
		line = line[i+1:]
		switch {
		case len(line) > 11 && line[4] == '-' && line[7] == '-' && line[10] == '-':
			month, day = two(line[5:]), two(line[8:])
		case len(line) > 10 && bytes.HasPrefix(line[8:], []byte("-WA")):
			month, day = two(line[4:]), two(line[6:])
		}
		if month > 0 && day > 0 {
			return month, day, true
		}
		month, day = 0, 0
	}
}

// two reads two digits; 0 when they are none.
func two(b []byte) int {
	if digit(rune(b[0])) < 0 || digit(rune(b[1])) < 0 {
		return 0
	}
	return int(b[0]-'0')*10 + int(b[1]-'0')
}
