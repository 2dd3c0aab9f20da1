package spreadsheet_test

import (
	"testing"

	"github.com/foyer-app/foyer/connectors/connectortest"
	"github.com/foyer-app/foyer/connectors/spreadsheet"
)

func TestConformance(t *testing.T) { connectortest.Run(t, spreadsheet.New(), "testdata") }
