// Package all lists the connectors: the one place that names every platform.
package all

import (
	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
	"github.com/foyer-app/foyer/connectors/shopify"
	"github.com/foyer-app/foyer/connectors/slack"
	"github.com/foyer-app/foyer/connectors/spreadsheet"
	"github.com/foyer-app/foyer/connectors/stripe"
	"github.com/foyer-app/foyer/connectors/whatsapp"
)

// List returns every connector in the order in which pages show them.
func List() []connectors.Connector {
	return []connectors.Connector{
		discord.New(),
		slack.New(),
		whatsapp.New(),
		shopify.New(),
		stripe.New(),
		spreadsheet.New(), // recognises any table, so it comes behind the others that read files
	}
}
