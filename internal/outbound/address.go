package outbound

import "net/netip"

// reserved are the ranges that are not the public internet, by the registries of
// special addresses, each with what a refusal calls it. The first that fits counts.
// Parsing them costs nothing beside the connection they are parsed for.
func reserved() [][2]string {
	return [][2]string{
		{"0.0.0.0/32", "the unspecified address"},
		{"0.0.0.0/8", "a reserved address"},
		{"10.0.0.0/8", "a private address"},
		{"100.64.0.0/10", "a carrier's internal address"}, // and Alibaba's metadata
		{"127.0.0.0/8", "a loopback address"},
		{"168.63.129.16/32", "a metadata address"}, // Azure's, though public by its number
		{"169.254.0.0/16", "a link-local or metadata address"},
		{"172.16.0.0/12", "a private address"},
		{"192.0.0.0/24", "a reserved address"}, // and Oracle's metadata
		{"192.0.2.0/24", "a documentation address"},
		{"192.88.99.0/24", "a tunnel address"},
		{"192.168.0.0/16", "a private address"},
		{"198.18.0.0/15", "a benchmark address"},
		{"198.51.100.0/24", "a documentation address"},
		{"203.0.113.0/24", "a documentation address"},
		{"224.0.0.0/4", "a multicast address"},
		{"240.0.0.0/4", "a reserved address"},

		{"::/128", "the unspecified address"},
		{"::1/128", "a loopback address"},
		{"fc00::/7", "a private address"}, // and Amazon's metadata
		{"fe80::/10", "a link-local or metadata address"},
		{"ff00::/8", "a multicast address"},
		{"2001:db8::/32", "a documentation address"},
		{"3fff::/20", "a documentation address"},
		{"2001:2::/48", "a benchmark address"},
		// 6to4 and Teredo hold an IPv4 address. Nobody serves by them any more, so
		// which one does not matter.
		{"2002::/16", "a tunnel address"},
		{"2001::/32", "a tunnel address"},
		{"2001::/23", "a reserved address"},
	}
}

// public says whether an address belongs to the public internet, and if not, what
// it is.
func public(addr netip.Addr) (what string, ok bool) {
	if addr.Zone() != "" {
		return "an address of one network interface", false
	}
	addr = addr.Unmap()
	if netip.MustParsePrefix("64:ff9b::/96").Contains(addr) {
		// NAT64, the way to IPv4 of networks that have IPv6 only: what it wraps counts.
		b := addr.As16()
		return public(netip.AddrFrom4([4]byte(b[12:])))
	}
	for _, r := range reserved() {
		if netip.MustParsePrefix(r[0]).Contains(addr) {
			return r[1], false
		}
	}
	// IPv6 beyond what is given out: a range that gets a meaning later is refused already.
	if addr.Is6() && !netip.MustParsePrefix("2000::/3").Contains(addr) {
		return "a reserved address", false
	}
	return "", true
}
