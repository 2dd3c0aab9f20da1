package ingest

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/riverqueue/river/rivertype"

	"github.com/foyer-app/foyer/internal/logging"
)

func TestRequestsAreRemembered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ id, before, after string }{
		"nothing there":   {"ab12", ``, `{"request_id":"ab12"}`},
		"beside others":   {"ab12", `{"unique":true}`, `{"request_id":"ab12","unique":true}`},
		"of no request":   {"", `{"unique":true}`, `{"unique":true}`},
		"not an object":   {"ab12", `[1]`, `[1]`},
		"a request again": {"ab12", `{"request_id":"old"}`, `{"request_id":"ab12"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			if test.id != "" {
				ctx = logging.With(ctx, slog.String(logging.RequestID, test.id))
			}
			list := []*rivertype.JobInsertParams{{Metadata: []byte(test.before)}}
			if _, err := remember(ctx, list, func(context.Context) ([]*rivertype.JobInsertResult, error) { return nil, nil }); err != nil {
				t.Fatal(err)
			}
			if got := string(list[0].Metadata); got != test.after {
				t.Errorf("%s, want %s", got, test.after)
			}
		})
	}
}

func TestLinesNameTheJob(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(logging.Handler(slog.NewTextHandler(&out, nil)))
	job := &rivertype.JobRow{ID: 7, Kind: "import", EncodedArgs: []byte(`{"organisation":3,"import":9}`), Metadata: []byte(`{"request_id":"ab12"}`)}
	err := recall(context.Background(), job, func(ctx context.Context) error {
		log.InfoContext(ctx, "read")
		return nil
	})
	if err != nil || !strings.Contains(out.String(), "job_id=7 job_kind=import request_id=ab12 organisation=3") {
		t.Errorf("%v %s", err, out.String())
	}
}
