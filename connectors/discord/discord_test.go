package discord_test

import (
	"testing"

	"github.com/foyer-app/foyer/connectors/connectortest"
	"github.com/foyer-app/foyer/connectors/discord"
)

func TestConformance(t *testing.T) { connectortest.Run(t, discord.New(), "testdata") }
