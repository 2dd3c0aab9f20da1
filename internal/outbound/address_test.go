package outbound

import (
	"net/netip"
	"strings"
	"testing"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ addrs, want string }{
		"public IPv4": {"1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 168.63.129.15 " +
			"169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255", ""},
		"public IPv6":          {"2001:200::1 2606:4700::1111 2a00:1450:4007::1 2003:: 2001:db9::1 3ffe:ffff::1", ""},
		"public, disguised":    {"::ffff:1.1.1.1 64:ff9b::1.1.1.1", ""},
		"unspecified":          {"0.0.0.0 :: ::ffff:0.0.0.0 64:ff9b::", "unspecified"},
		"loopback":             {"127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1 64:ff9b::127.0.0.1", "loopback"},
		"private":              {"10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 fc00::1 fdff::1 ::ffff:10.0.0.1 64:ff9b::192.168.1.1", "private"},
		"link-local":           {"169.254.0.1 169.254.169.254 fe80::1 febf::1 ::ffff:169.254.169.254 64:ff9b::169.254.169.254", "link-local or metadata"},
		"metadata, Azure":      {"168.63.129.16 ::ffff:168.63.129.16", "metadata"},
		"metadata, Amazon":     {"fd00:ec2::254", "private"},
		"metadata, Alibaba":    {"100.100.100.200", "carrier"},
		"carrier":              {"100.64.0.0 100.127.255.255", "carrier"},
		"multicast":            {"224.0.0.1 239.255.255.255 ff02::1", "multicast"},
		"reserved":             {"0.1.2.3 240.0.0.1 255.255.255.255 192.0.0.192 fec0::1 4000::1 5f00::1 100::1 2001:20::1", "reserved"},
		"documentation":        {"192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1", "documentation"},
		"benchmark":            {"198.18.0.1 198.19.255.255 2001:2::1", "benchmark"},
		"6to4, Teredo":         {"2002:7f00:1::1 2002:0a00:1::1 2001::1 2001:0:7f00:1::1 192.88.99.1", "tunnel"},
		"IPv4-compatible":      {"::127.0.0.1 ::10.0.0.1", "reserved"},
		"local NAT64":          {"64:ff9b:1::a00:1", "reserved"},
		"of a network card":    {"fe80::1%eth0 2606:4700::1111%eth0", "interface"},
		"translated, disguise": {"::ffff:0:127.0.0.1", "reserved"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for a := range strings.FieldsSeq(c.addrs) {
				what, ok := public(netip.MustParseAddr(a))
				if ok != (c.want == "") || !strings.Contains(what, c.want) {
					t.Errorf("%s: %q, %v", a, what, ok)
				}
			}
		})
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	allow, err := ParseAllow("10.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		at         string
		plain, cfg bool
		want       string
	}{
		"https":                 {"1.1.1.1:443", false, false, ""},
		"https, IPv6":           {"[2606:4700::1111]:443", false, false, ""},
		"https at another port": {"1.1.1.1:8443", false, false, "port"},
		"https at 80":           {"1.1.1.1:80", false, true, "port"},
		"http":                  {"1.1.1.1:80", true, false, "http"},
		"http, open":            {"1.1.1.1:80", true, true, ""},
		"http at 443":           {"1.1.1.1:443", true, true, "port"},
		"http to mail":          {"1.1.1.1:25", true, true, "port"},
		"allowed, any port":     {"10.1.2.3:5432", true, false, ""},
		"allowed, disguised":    {"[::ffff:10.1.2.3]:443", false, false, ""},
		"beside the allowed":    {"192.168.0.1:443", false, false, "private"},
		"no address":            {"/run/docker.sock", true, true, "no address"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &guard{cfg: Config{Allow: allow, Plain: c.cfg}}
			got := g.judge(c.at, c.plain)
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzPublic(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add(netip.MustParseAddr("64:ff9b::127.0.0.1").AsSlice())
	f.Fuzz(func(t *testing.T, b []byte) {
		addr, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		what, ok := public(addr)
		if ok != (what == "") {
			t.Errorf("%s: %q, %v", addr, what, ok)
		}
		if ok && !addr.Unmap().IsGlobalUnicast() {
			t.Errorf("%s passes", addr)
		}
		mapped := addr
		if addr.Is4() {
			mapped = netip.AddrFrom16(addr.As16())
		}
		if _, again := public(mapped); again != ok {
			t.Errorf("%s and %s differ", addr, mapped)
		}
	})
}
