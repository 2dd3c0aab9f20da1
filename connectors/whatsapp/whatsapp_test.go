package whatsapp_test

import (
	"context"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/connectortest"
	"github.com/foyer-app/foyer/connectors/whatsapp"
	"github.com/foyer-app/foyer/internal/community"
)

func TestConformance(t *testing.T) {
	connectortest.Run(t, whatsapp.New(), "testdata")
}

// outcome is what an import gave, normalised.
type outcome struct {
	sources  []community.Source
	refusals []connectors.Refusal
	batch    community.Batch
	payloads []connectors.Payload
	err      error
}

// importFiles imports and normalises everything.
func importFiles(t *testing.T, files fs.FS, opts connectors.ImportOptions) outcome {
	t.Helper()
	if opts.Location == nil {
		opts.Location = time.UTC
	}
	var out outcome
	out.err = whatsapp.Connector{}.Import(context.Background(), files, opts, func(_ context.Context, r connectors.Record) error {
		switch {
		case r.Source != nil:
			out.sources = append(out.sources, *r.Source)
		case r.Refusal != nil:
			out.refusals = append(out.refusals, *r.Refusal)
		case r.Payload != nil:
			batch, err := whatsapp.New().Normalize(*r.Payload)
			if err != nil {
				t.Errorf("line %d: %v", r.Line, err)
			}
			out.payloads = append(out.payloads, *r.Payload)
			out.batch.Append(batch)
		}
		return nil
	})
	return out
}

// importText imports one chat of that name.
func importText(t *testing.T, name, text string, opts connectors.ImportOptions) outcome {
	t.Helper()
	return importFiles(t, fstest.MapFS{name: {Data: []byte(text)}}, opts)
}

// kinds counts activities; deleted messages apart.
func (o outcome) kinds() map[string]int {
	names := map[community.Kind]string{
		community.Message: "message", community.Join: "join", community.Leave: "leave", community.Notice: "notice",
	}
	n := map[string]int{}
	for _, a := range o.batch.Activities {
		if a.Deleted {
			n["deleted"]++
			continue
		}
		n[names[a.Kind]]++
	}
	return n
}
