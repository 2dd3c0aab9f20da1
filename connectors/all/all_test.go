package all_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/connectors/connectortest"
)

func TestConformance(t *testing.T) {
	for _, c := range all.List() {
		t.Run(string(c.Platform()), func(t *testing.T) { connectortest.Run(t, c, testdata(c)) })
	}
}

func testdata(c connectors.Connector) string {
	return filepath.Join("..", string(c.Platform()), "testdata")
}

func TestPlatformsAreThereOnce(t *testing.T) {
	for i, c := range all.List() {
		for _, other := range all.List()[i+1:] {
			if c.Platform() == other.Platform() || c.Name() == other.Name() {
				t.Errorf("%s and %s", c.Name(), other.Name())
			}
		}
		if connectors.Find(all.List(), c.Platform()) == nil {
			t.Errorf("%s is not found", c.Name())
		}
	}
}

// An export is recognised by the connector of its platform and by no other.
func TestExportsAreToldApart(t *testing.T) {
	for _, c := range all.List() {
		if _, reads := c.(connectors.Importer); !reads {
			continue
		}
		folders, err := filepath.Glob(filepath.Join(testdata(c), "*", "export"))
		if err != nil || len(folders) == 0 {
			t.Fatalf("%s has no export, %v", c.Name(), err)
		}
		for _, other := range all.List() {
			importer, ok := other.(connectors.Importer)
			if !ok || other.Platform() == c.Platform() {
				continue
			}
			for _, folder := range folders {
				if importer.Recognises(os.DirFS(folder)) {
					t.Errorf("%s takes %s for its own", other.Name(), folder)
				}
			}
		}
	}
}
