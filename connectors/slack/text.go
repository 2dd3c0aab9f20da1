package slack

import "strings"

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// plain is what a reader sees of Slack's markup, as far as the features of a
// text go: addresses without their label, channels by name, and people
// addressed not at all.
func plain(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		before, rest, found := strings.Cut(s, "<")
		b.WriteString(before)
		if !found {
			break
		}
		inner, after, found := strings.Cut(rest, ">")
		if !found {
			b.WriteString("<" + rest)
			break
		}
		b.WriteString(shown(inner))
		s = after
	}
	return strings.TrimSpace(unescape.Replace(b.String()))
}

// shown is what stands for the markup between angle brackets.
func shown(inner string) string {
	target, label, labelled := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(inner, "@"):
		return ""
	case strings.HasPrefix(inner, "#") && labelled:
		return "#" + label
	case strings.HasPrefix(inner, "!") && labelled:
		return label
	case strings.HasPrefix(inner, "!"):
		return "@" + target[1:]
	}
	return target
}

// mentions calls fn with the id of each user that a text addresses.
func mentions(s string, fn func(id string)) {
	for {
		_, rest, found := strings.Cut(s, "<@")
		if !found {
			return
		}
		end := 0
		for end < len(rest) && (rest[end] >= '0' && rest[end] <= '9' || rest[end] >= 'A' && rest[end] <= 'Z') {
			end++
		}
		if end > 1 && end <= maxName && end < len(rest) && (rest[end] == '>' || rest[end] == '|') {
			fn(rest[:end])
		}
		s = rest[end:]
	}
}
