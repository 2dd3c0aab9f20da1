package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in        string
		separator rune
		want      float64
		ok        bool
	}{
		{"12", ',', 12, true},
		{"1,234", ',', 1234, true},
		{"1,234", ';', 1.234, true},
		{"1,5", ',', 1.5, true},
		{"1.234,56", ';', 1234.56, true},
		{"1,234.56", ',', 1234.56, true},
		{"1,234,567", ';', 1234567, true},
		{"1 234,50 €", ';', 1234.5, true},
		{"-3e2", ',', -300, true},
		{"−3", ',', -3, true},
		{"NaN", ',', 0, false},
		{"", ',', 0, false},
		{"1.2.3", ',', 0, false},
		{"twelve", ',', 0, false},
	} {
		if v, ok := parseNumber(c.in, c.separator); ok != c.ok || ok && math.Abs(v-c.want) > 1e-9 {
			t.Errorf("%q: %v %v", c.in, v, ok)
		}
	}
}

// FuzzTable feeds foreign bytes: a result or an error, no panic.
func FuzzTable(f *testing.F) {
	f.Add("t,e\n1,1\n2,0\n", "")
	f.Add("\xff\xfet\x00;\x00e\x00", ";")
	f.Add("t e\n\"1 1\n2 0", "space")
	f.Add("t,e\n\"1\n,\"\"1\n", ",")
	f.Fuzz(func(t *testing.T, content, separator string) {
		var out bytes.Buffer
		_ = run(t.Context(), []string{"impact", "km", "--time", "1", "--event", "2", "--missing", "drop", "--separator", separator, "-"}, nil, strings.NewReader(content), &out, &out)
	})
}
