package ingest

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/foyer-app/foyer/internal/logging"
)

// trace is what a job's row remembers of the request that asked for it: a random
// id, by which the log connects the two.
type trace struct {
	Request string `json:"request_id,omitempty"`
}

// traced are the middleware by which the log names the job behind each line, and
// the request behind the job.
func traced() []rivertype.Middleware {
	return []rivertype.Middleware{river.JobInsertMiddlewareFunc(remember), river.WorkerMiddlewareFunc(recall)}
}

func remember(ctx context.Context, list []*rivertype.JobInsertParams, insert func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	if id := logging.Text(ctx, logging.RequestID); id != "" {
		for _, p := range list {
			p.Metadata = withRequest(p.Metadata, id)
		}
	}
	return insert(ctx)
}

// withRequest adds the request's id to a row's metadata, and leaves alone what it
// cannot read.
func withRequest(metadata []byte, id string) []byte {
	all := map[string]json.RawMessage{}
	if len(metadata) > 0 && json.Unmarshal(metadata, &all) != nil {
		return metadata
	}
	quoted, err := json.Marshal(id)
	if err != nil {
		return metadata
	}
	all["request_id"] = quoted
	out, err := json.Marshal(all)
	if err != nil {
		return metadata
	}
	return out
}

func recall(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	attrs := []slog.Attr{slog.Int64(logging.JobID, job.ID), slog.String(logging.JobKind, job.Kind)}
	var (
		t trace
		a struct {
			Organisation int64 `json:"organisation"`
		}
	)
	if json.Unmarshal(job.Metadata, &t) == nil && t.Request != "" {
		attrs = append(attrs, slog.String(logging.RequestID, t.Request))
	}
	if json.Unmarshal(job.EncodedArgs, &a) == nil && a.Organisation != 0 {
		attrs = append(attrs, slog.Int64(logging.Organisation, a.Organisation))
	}
	return work(logging.With(ctx, attrs...))
}
