package slack

import (
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// The kinds of application that Slack tells apart, of connectors.App.Tier.
const (
	tierUnlisted    = "unlisted"    // distributed, but not through Slack's Marketplace; the default
	tierMarketplace = "marketplace" // approved for the Marketplace
	tierInternal    = "internal"    // made by a workspace for itself
)

// pace is how fast an application may go on.
type pace struct {
	history time.Duration // between two pages of history, and of replies
	limit   int           // messages a page
	back    time.Duration // how far before a gap threads are looked at for replies in it
}

// The time between two calls by Slack's tiers 2 and 3.
const (
	everyList = 3 * time.Second
	everyCall = 1200 * time.Millisecond
)

// limits are those of a tier. What is not known is unlisted.
func limits(app connectors.App) pace {
	switch strings.ToLower(strings.TrimSpace(app.Tier)) {
	case tierMarketplace, tierInternal:
		return pace{history: everyCall, limit: 999, back: 14 * 24 * time.Hour}
	}
	return pace{history: time.Minute, limit: 15, back: 24 * time.Hour}
}
