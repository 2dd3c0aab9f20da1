package outbound

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Allow is what an operator opens beside the public internet. Whatever it names may
// be reached without TLS. The zero value opens nothing.
type Allow struct {
	// Prefixes may be reached at any port.
	Prefixes []netip.Prefix
	// Hosts are "name:port" or "address:port", in small letters, IPv6 in brackets. A
	// name is trusted whatever it resolves to.
	Hosts []string
}

// ParseAllow reads a setting: networks ("10.0.0.0/8", "fd00::/8"), single addresses
// and "host:port" entries, separated by commas, spaces or line breaks. Empty text
// allows nothing.
func ParseAllow(text string) (Allow, error) {
	var a Allow
	split := func(c rune) bool { return strings.ContainsRune(", \t\r\n", c) }
	for _, e := range strings.FieldsFunc(strings.ToLower(text), split) {
		if prefix, ok := parsePrefix(e); ok {
			a.Prefixes = append(a.Prefixes, prefix)
			continue
		}
		host, err := parseHost(e)
		if err != nil {
			return Allow{}, fmt.Errorf("outbound: allow %q: %w", e, err)
		}
		a.Hosts = append(a.Hosts, host)
	}
	return a, nil
}

func parsePrefix(text string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(text); err == nil && !prefix.Addr().Is4In6() {
		return prefix.Masked(), true
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, false
	}
	addr = addr.Unmap()
	return netip.PrefixFrom(addr, addr.BitLen()), true
}

func parseHost(text string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", errors.New("neither a network (10.0.0.0/8) nor host:port")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port[0] == '0' {
		return "", errors.New("the port is not between 1 and 65535")
	}
	host = strings.TrimSuffix(host, ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return net.JoinHostPort(addr.Unmap().String(), port), nil
	}
	if strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" || host == "" {
		return "", errors.New("not the name of a host; write names with accents in their xn-- form")
	}
	return net.JoinHostPort(host, port), nil
}

// names says whether the operator named exactly this "host:port".
func (a Allow) names(host, port string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		host = addr.Unmap().String()
	}
	return slices.Contains(a.Hosts, net.JoinHostPort(host, port))
}

func (a Allow) contains(addr netip.Addr) bool {
	return slices.ContainsFunc(a.Prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
}
