package fx

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

// answer is the bank's XML with the given days in it.
func answer(days ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
	<Cube>` + strings.Join(days, "\n") + `</Cube>
</gesmes:Envelope>`
}

// ratesOf is one day; pairs are currency and rate.
func ratesOf(day string, pairs ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<Cube time='%s'>", day)
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, `<Cube currency="%s" rate='%s'/>`, pairs[i], pairs[i+1])
	}
	return b.String() + "</Cube>"
}

func TestParseXML(t *testing.T) {
	t.Parallel()
	text := answer(ratesOf("2026-11-24", "USD", "1.1542", "JPY", "180.10"), ratesOf("2026-11-23", "USD", "1.1500"), ratesOf("2026-11-20", "USD", "1.1"))
	got, err := ParseXML(strings.NewReader(text), day(t, "2026-11-20"), day(t, "2026-11-24"))
	if err != nil {
		t.Fatal(err)
	}
	want := []community.ExchangeRate{
		published(t, "USD", "2026-11-24", "1.1542"), published(t, "JPY", "2026-11-24", "180.1"), published(t, "USD", "2026-11-23", "1.15"),
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, err := ParseXML(strings.NewReader(text), day(t, "2026-11-24"), day(t, "2026-11-25")); err != nil || len(got) != 0 {
		t.Errorf("nothing new: %v, %v", got, err)
	}
}

func TestParseXMLRefuses(t *testing.T) {
	t.Parallel()
	good := ratesOf("2026-11-23", "USD", "1.15")
	for name, text := range map[string]string{
		"empty":           "",
		"a page":          "<html><body><p>Maintenance</body></html>",
		"no rates":        answer(),
		"a day alone":     answer(ratesOf("2026-11-24")),
		"cut":             answer(good)[:len(answer(good))-20],
		"zero":            answer(good, ratesOf("2026-11-24", "USD", "0")),
		"negative":        answer(good, ratesOf("2026-11-24", "USD", "-1")),
		"not a number":    answer(good, ratesOf("2026-11-24", "USD", "NaN")),
		"no rate":         answer(good, ratesOf("2026-11-24", "USD", "")),
		"no currency":     answer(good, ratesOf("2026-11-24", "", "1.2")),
		"the euro":        answer(good, ratesOf("2026-11-24", "EUR", "1.2")),
		"strange name":    answer(good, ratesOf("2026-11-24", "usd", "1.2")),
		"no day":          answer(`<Cube currency="USD" rate="1.2"/>`),
		"strange day":     answer(ratesOf("24.11.2026", "USD", "1.2")),
		"long day":        answer(ratesOf(strings.Repeat("2026-11-24", 1000), "USD", "1.2")),
		"not yet":         answer(good, ratesOf("2026-11-26", "USD", "1.2")),
		"entity":          `<!DOCTYPE x [<!ENTITY a "1.2">]>` + answer(ratesOf("2026-11-24", "USD", "&a;")),
		"too large a one": answer(good, ratesOf("2026-11-24", "USD", strings.Repeat("9", 30))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseXML(strings.NewReader(text), 0, day(t, "2026-11-25"))
			if !errors.Is(err, errAnswer) || got != nil {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func FuzzParseXML(f *testing.F) {
	f.Add(answer(ratesOf("2026-11-24", "USD", "1.1542")))
	f.Add("<Cube time='x'")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseXML(strings.NewReader(text), 0, day(t, "2026-11-25"))
		if err != nil {
			return
		}
		if _, err := community.NewRates(list); err != nil {
			t.Error(err)
		}
	})
}
