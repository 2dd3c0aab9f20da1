package spreadsheet

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/foyer-app/foyer/connectors"
)

// FuzzRows: whatever a file holds, its rows end, and each is text.
func FuzzRows(f *testing.F) {
	for _, s := range []string{"a;b\n1;2\n", "a,\"b\nc\",d\n", "\"open\n1\n2\n", "\xff\xfe", "\"a\"b\";c\r\n", " 1  2\n", strings.Repeat("\"", 9), "a\r\r\n"} {
		for _, separator := range separators {
			f.Add(s, separator, 64)
		}
	}
	f.Fuzz(func(t *testing.T, text string, separator byte, limit int) {
		if limit < 1 || strings.IndexByte("\n\r\"", separator) >= 0 || separator >= utf8.RuneSelf {
			t.Skip()
		}
		rows := newTextRows(&textFile{src: newBuffered([]byte(text))}, separator, limit)
		last := 0
		for n := 0; ; n++ {
			r, err := rows.next()
			if err != nil {
				if err != io.EOF {
					t.Fatal(err)
				}
				return
			}
			if n > len(text) || r.line <= last {
				t.Fatalf("row %d is at line %d, after line %d", n, r.line, last)
			}
			last = r.line
			for _, c := range r.cells {
				if !utf8.ValidString(c) {
					t.Fatalf("cell %q", c)
				}
			}
		}
	})
}

// FuzzImport: any file, read by what it says itself, gives records that are sound
// or refused with a reason.
func FuzzImport(f *testing.F) {
	for _, s := range []string{
		"id,date,amount,email\n1,2024-01-31,10.00,a@x.fr\n1,2024-01-31,,\n", "customer,tenure,churn,monthly charges\n1,5,Yes,10\n",
		"Mois;Coût;Heures\n01/2024;800,00;3\n", "date;choix\n2024-01-31;ami\n", " 1 19970101 1 11.77\n", "id,email\n1,a@x.fr\n",
	} {
		f.Add([]byte(s), "orders")
		f.Add([]byte(s), "")
	}
	f.Fuzz(func(t *testing.T, raw []byte, kind string) {
		m := connectors.Mapping{Kind: kind, Tax: "included", Rate: "20", Currency: "EUR", Decimal: ".", DateOrder: "dmy", AsOf: "2024-12-31"}
		c := New().(Connector)
		err := c.Import(context.Background(), fstest.MapFS{"a.csv": {Data: raw}}, connectors.ImportOptions{Answers: map[string]string{connectors.QuestionMapping: m.JSON()}},
			func(_ context.Context, r connectors.Record) error {
				if r.Payload == nil {
					return nil
				}
				b, err := c.Normalize(*r.Payload)
				if err != nil {
					if _, ok := err.(*connectors.RefusedError); !ok {
						t.Errorf("refused without a reason: %v", err)
					}
					return nil
				}
				for _, o := range b.Business.Orders {
					if o.At.IsZero() || o.Net.Currency == "" || o.ExternalID == "" || !utf8.ValidString(o.ExternalID+o.Guest.Name) {
						t.Errorf("%+v", o)
					}
				}
				return nil
			})
		_ = err // a question, or about the file
	})
}

// TestNumbersComeBack: what is printed in any usual way is read as it was.
func TestNumbersComeBack(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		minor := random.Int64N(1e12) >> random.IntN(40)
		decimal := []byte{'.', ','}[random.IntN(2)]
		marks := []string{"", " ", "\u202f", "'", map[byte]string{'.': ",", ',': "."}[decimal]}
		text := grouped3(fmt.Sprint(minor/100), marks[random.IntN(len(marks))]) + string(decimal) + fmt.Sprintf("%02d", minor%100)
		text = []string{text, "€" + text, text + " €", "EUR " + text, text + " EUR"}[random.IntN(5)]
		want := big.NewRat(minor, 100)
		if random.IntN(2) == 0 && minor > 0 {
			text, want = []string{"-" + text, "(" + text + ")"}[random.IntN(2)], want.Neg(want)
		}
		got, err := parseNumber(text, decimal)
		if err != nil || got.Cmp(want) != 0 {
			t.Fatalf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
}

func grouped3(s, mark string) string {
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return strings.Join(append([]string{s}, parts...), mark)
}

// TestDatesComeBack: what is printed in any usual way is read as it was.
func TestDatesComeBack(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	layouts := []struct{ order, layout string }{
		{orderDMY, "02/01/2006 15:04:05"},
		{orderDMY, "2.1.2006 15:04:05"},
		{orderMDY, "01/02/2006 3:04:05 PM"},
		{orderYMD, "2006-01-02 15:04:05"},
		{orderDMY, time.RFC3339},
		{orderMDY, "2006-01-02 15:04:05 -0700"},
		{orderDMY, "Jan 2, 2006 15:04:05"},
		{orderYMD, "2 January 2006 15:04:05"},
		{orderCompact, "20060102 15:04:05"},
		{orderMDY, "1-2-2006T15:04:05"},
	}
	for range 20_000 {
		at := time.Unix(random.Int64N(60*365*86400), 0).In(paris)
		if back := at.Add(-time.Hour); back.Format("15:04") == at.Format("15:04") || at.Add(time.Hour).Format("15:04") == at.Format("15:04") {
			continue // the hour that comes twice
		}
		l := layouts[random.IntN(len(layouts))]
		text := at.Format(l.layout)
		got, err := parseDate(text, l.order, paris)
		if err != nil || !got.at.Equal(at) {
			t.Fatalf("%q by %s: %v, %v; want %v", text, l.order, got.at, err, at)
		}
	}
}
