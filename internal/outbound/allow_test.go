package outbound_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/outbound"
)

func TestParseAllow(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, prefixes, hosts string }{
		"empty":          {"", "[]", "[]"},
		"networks":       {"10.1.2.3/8, FD00::/8", "[10.0.0.0/8 fd00::/8]", "[]"},
		"addresses":      {"192.168.1.5\n::1,::ffff:10.0.0.1", "[192.168.1.5/32 ::1/128 10.0.0.1/32]", "[]"},
		"hosts":          {"Chat.Intern:8065 chat.:80", "[]", "[chat.intern:8065 chat:80]"},
		"address + port": {"127.0.0.1:8080,[::1]:8080,[::ffff:127.0.0.1]:1", "[]", "[127.0.0.1:8080 [::1]:8080 127.0.0.1:1]"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := outbound.ParseAllow(c.text)
			if err != nil || fmt.Sprint(a.Prefixes) != c.prefixes || fmt.Sprint(a.Hosts) != c.hosts {
				t.Errorf("got %v %v, %v", a.Prefixes, a.Hosts, err)
			}
		})
	}
	for name, text := range map[string]string{
		"no port": "chat.intern", "port 0": "chat:0", "port too high": "chat:65536", "no number": "chat:http",
		"leading zero": "chat:080", "URL": "http://chat:80/", "no host": ":80", "bad network": "10.0.0.0/33",
		"accents": "é.fr:80", "zone": "fe80::1%eth0", "star": "*.intern:80", "user": "a@b:80", "mapped network": "::ffff:10.0.0.0/104",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := outbound.ParseAllow("10.0.0.0/8 " + text)
			if err == nil || !strings.Contains(err.Error(), text[:1]) || len(a.Prefixes) > 0 {
				t.Errorf("got %v, %v", a, err)
			}
		})
	}
}

func FuzzParseAllow(f *testing.F) {
	f.Add("10.0.0.0/8, chat:80 [::1]:443")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := outbound.ParseAllow(text)
		if err != nil {
			return
		}
		again := strings.Join(a.Hosts, ",")
		for _, p := range a.Prefixes {
			again += "," + p.String()
		}
		b, err := outbound.ParseAllow(again)
		if err != nil || fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%q reads as %v, written and read again %v, %v", text, a, b, err)
		}
	})
}
