package identity

import (
	"errors"
	"strings"
	"testing"
)

func TestParseEmail(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ raw, exact, loose string }{
		"plain":                  {"zoe@example.fr", "zoe@example.fr", "zoe@example.fr"},
		"capitals and blanks":    {" \tZoe.Martin@Example.FR\n", "zoe.martin@example.fr", "zoe.martin@example.fr"},
		"plus":                   {"zoe+shop@example.fr", "zoe+shop@example.fr", "zoe@example.fr"},
		"two pluses":             {"zoe+a+b@example.fr", "zoe+a+b@example.fr", "zoe@example.fr"},
		"plus at the beginning":  {"+zoe@example.fr", "+zoe@example.fr", "+zoe@example.fr"},
		"dots at Google":         {"z.o.e+x@gmail.com", "z.o.e+x@gmail.com", "zoe@gmail.com"},
		"Google's other name":    {"Zoe@GoogleMail.com", "zoe@googlemail.com", "zoe@gmail.com"},
		"dots elsewhere":         {"z.o.e@example.fr", "z.o.e@example.fr", "z.o.e@example.fr"},
		"Google in a name":       {"z.oe@notgmail.com", "z.oe@notgmail.com", "z.oe@notgmail.com"},
		"full width":             {"ｚｏｅ＠ｅｘａｍｐｌｅ．ｆｒ", "zoe@example.fr", "zoe@example.fr"},
		"domain with accents":    {"zoe@Élan.fr", "zoe@xn--lan-9la.fr", "zoe@xn--lan-9la.fr"},
		"the same in ASCII":      {"zoe@xn--lan-9la.fr", "zoe@xn--lan-9la.fr", "zoe@xn--lan-9la.fr"},
		"sharp s":                {"zoe@straße.de", "zoe@xn--strae-oqa.de", "zoe@xn--strae-oqa.de"},
		"composed accent":        {"zoe\u0301@example.fr", "zoé@example.fr", "zoé@example.fr"},
		"copied invisible":       {"\ufeffzoe@example.fr\u200b", "zoe@example.fr", "zoe@example.fr"},
		"no-break space":         {"\u00a0zoe@example.fr", "zoe@example.fr", "zoe@example.fr"},
		"root's dot":             {"zoe@example.fr.", "zoe@example.fr", "zoe@example.fr"},
		"apostrophe":             {"o'hara@example.ie", "o'hara@example.ie", "o'hara@example.ie"},
		"Turkish capital i":      {"İpek@example.fr", "ipek@example.fr", "ipek@example.fr"},
		"long top-level domain":  {"zoe@atelier.paris", "zoe@atelier.paris", "zoe@atelier.paris"},
		"subdomain, underscores": {"z_oe@mail.example.co.uk", "z_oe@mail.example.co.uk", "z_oe@mail.example.co.uk"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseEmail(c.raw)
			if err != nil || got.Exact != (Value{KindEmail, c.exact}) || got.Loose != (Value{KindEmailLoose, c.loose}) {
				t.Errorf("got %q, %q, %v", got.Exact.Text(), got.Loose.Text(), err)
			}
			if got.Role {
				t.Error("of an office")
			}
		})
	}
}

func TestParseEmailRefuses(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"empty": "", "blank": "  ", "no at": "zoe.example.fr", "two ats": "zoe@x@example.fr", "no name": "@example.fr",
		"no domain": "zoe@", "no dot": "zoe@localhost", "dot first": "zoe@.fr", "two dots": "zoe@example..fr", "address literal": "zoe@[192.0.2.1]",
		"number": "zoe@192.0.2.1", "blank inside": "zo e@example.fr", "two addresses": "zoe@example.fr;max@example.fr",
		"with a name": "Zoé <zoe@example.fr>", "quoted": `"zoe"@example.fr`, "one letter": "zoe@example.f", "underscore in domain": "zoe@ex_ample.fr",
		"dash first": "zoe@-example.fr", "invisible inside": "zo\u200be@example.fr", "long name": strings.Repeat("z", 65) + "@example.fr",
		"long": "zoe@" + strings.Repeat("long.", 60) + "fr", "very long": strings.Repeat("z", 1<<20), "not UTF-8": "zo\xff@example.fr",
		"control": "zo\x00e@example.fr", "broken punycode": "zoe@xn--\u0000.fr",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseEmail(raw)
			if !errors.Is(err, ErrEmail) || !got.Exact.IsZero() {
				t.Errorf("%q, %v", got.Exact.Text(), err)
			}
			if err != nil && strings.Contains(err.Error(), "zo") {
				t.Errorf("the error repeats the text: %v", err)
			}
		})
	}
}

func TestRole(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		"contact@atelier.fr": true, "INFO@atelier.fr": true, "compta@atelier.fr": true, "comptabilité@atelier.fr": true,
		"service-client@atelier.fr": true, "no.reply@atelier.fr": true, "info+fr@atelier.fr": true, "ne-pas-repondre@atelier.fr": true,
		"zoe@example.com": true, "zoe@mail.example.com": true, "zoe@shop.test": true, "zoe@nothing.invalid": true,
		"zoe@atelier.fr": false, "contact.zoe@atelier.fr": false, "infos2@atelier.fr": false, "camille@atelier.fr": false,
		"zoe@myexample.com": false, "zoe@latest.fr": false, "-@atelier.fr": false,
	} {
		got, err := ParseEmail(raw)
		if err != nil || got.Role != want {
			t.Errorf("%s: %t, %v", raw, got.Role, err)
		}
	}
}

func FuzzParseEmail(f *testing.F) {
	for _, s := range []string{"Zoe+x@GoogleMail.com", "zoe@Élan.fr", "İ@straße.de", "ｚ＠ｅ．ｆｒ", "ﬁ@example.fr", "contact@x.fr."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		one, err := ParseEmail(raw)
		if err != nil {
			return
		}
		again, err := ParseEmail(one.Exact.Text())
		if err != nil || again != one {
			t.Errorf("%q → %q → %q, %v", raw, one.Exact.Text(), again.Exact.Text(), err)
		}
		if loose, err := ParseEmail(one.Loose.Text()); err == nil && loose.Loose != one.Loose && !strings.HasPrefix(one.Loose.Text(), "+") {
			t.Errorf("%q → %q → %q", raw, one.Loose.Text(), loose.Loose.Text())
		}
	})
}
