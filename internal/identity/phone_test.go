package identity

import (
	"errors"
	"strings"
	"testing"
)

func TestParsePhone(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		raw, region, want string
		mobile            bool
	}{
		"French mobile":            {"06 12 34 56 78", "FR", "+33612345678", true},
		"with a bracketed zero":    {"+33 (0)6 12 34 56 78", "FR", "+33612345678", true},
		"the same without region":  {"+33 (0)6 12 34 56 78", "", "+33612345678", true},
		"double zero":              {"0033612345678", "FR", "+33612345678", true},
		"double zero, no region":   {"0033 6 12 34 56 78", "", "+33612345678", true},
		"double zero, other":       {"0033612345678", "DE", "+33612345678", true},
		"dots, small region":       {"06.12.34.56.78", " fr ", "+33612345678", true},
		"Réunion":                  {"0692 12 34 56", "RE", "+262692123456", true},
		"read as Guernsey":         {"+44 7911 123456", "FR", "+447911123456", true},
		"landline":                 {"01 42 34 56 78", "FR", "+33142345678", false},
		"new mobile range":         {"07 56 78 90 12", "FR", "+33756789012", true},
		"Belgian mobile":           {"0470 12 34 56", "BE", "+32470123456", true},
		"North America":            {"(416) 555-0199", "CA", "+14165550199", true},
		"Italian landline keeps 0": {"06 6982 0000", "IT", "+390669820000", false},
		"unknown region, +":        {"+33612345678", "XX", "+33612345678", true},
		"tel link":                 {"tel:+33-6-12-34-56-78", "", "+33612345678", true},
		"full width digits":        {"＋３３６１２３４５６７８", "", "+33612345678", true},
		"copied invisible":         {"\u202a+33 6 12 34 56 78\u202c", "", "+33612345678", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParsePhone(c.raw, c.region)
			if err != nil || got.Number != (Value{KindPhone, c.want}) || got.Mobile != c.mobile {
				t.Errorf("got %q, mobile %t, %v", got.Number.Text(), got.Mobile, err)
			}
		})
	}
}

func TestParsePhoneRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ raw, region string }{
		"French digits in Belgium": {"06 12 34 56 78", "BE"},
		"free of charge":           {"0800 123 456", "FR"},
		"shared cost":              {"0820 123 456", "FR"},
		"short":                    {"1234", "FR"},
		"emergency":                {"112", "FR"},
		"no region":                {"06 12 34 56 78", ""},
		"unknown region":           {"06 12 34 56 78", "XX"},
		"extension":                {"+33 1 42 34 56 78 ext. 12", "FR"},
		"empty":                    {"", "FR"},
		"letters":                  {"zoe", "FR"},
		"an address":               {"zoe@example.fr", "FR"},
		"too many digits":          {"+336123456789012", "FR"},
		"very long":                {strings.Repeat("1", 1<<20), "FR"},
		"zeros":                    {"0000000000", "FR"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParsePhone(c.raw, c.region)
			if !errors.Is(err, ErrPhone) || !got.Number.IsZero() {
				t.Errorf("%q, %v", got.Number.Text(), err)
			}
			if err != nil && strings.ContainsAny(err.Error(), "0123456789@") {
				t.Errorf("the error repeats the text: %v", err)
			}
		})
	}
}

func FuzzParsePhone(f *testing.F) {
	f.Add("06 12 34 56 78", "FR")
	f.Add("+33 (0)6 12 34 56 78", "")
	f.Add("tel:0692-12-34-56;phone-context=+262", "RE")
	f.Fuzz(func(t *testing.T, raw, region string) {
		one, err := ParsePhone(raw, region)
		if err != nil {
			return
		}
		again, err := ParsePhone(one.Number.Text(), "")
		if err != nil || again != one {
			t.Errorf("%q in %q → %q → %q, %v", raw, region, one.Number.Text(), again.Number.Text(), err)
		}
	})
}
