package logging

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

func TestLinesCarryTheContext(t *testing.T) {
	t.Parallel()
	ctx := With(context.Background(), slog.String(RequestID, "abc"))
	job := With(ctx, slog.Int64(JobID, 7), slog.String(JobKind, "import"))
	again := With(job, slog.String(RequestID, "def"))
	for name, test := range map[string]struct {
		ctx  context.Context
		want string
	}{
		"nothing": {context.Background(), "msg=said n=1 own=x\n"}, "a request": {ctx, "msg=said n=1 own=x request_id=abc\n"},
		"a job of it": {job, "msg=said n=1 own=x request_id=abc job_id=7 job_kind=import\n"}, "replaced": {again, "msg=said n=1 own=x job_id=7 job_kind=import request_id=def\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			log := slog.New(Handler(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
					return slog.Attr{}
				}
				return a
			}}))).With("n", 1)
			log.InfoContext(test.ctx, "said", "own", "x")
			if out.String() != test.want {
				t.Errorf("%q, want %q", out.String(), test.want)
			}
		})
	}
	if Text(job, RequestID) != "abc" || Text(job, JobID) != "7" || Text(ctx, JobID) != "" {
		t.Error("texts are not found")
	}
}

// TestContextsDoNotShare: two contexts made of one do not write into each other.
func TestContextsDoNotShare(t *testing.T) {
	t.Parallel()
	base := With(context.Background(), slog.String("a", "1"), slog.String("b", "2"))
	one, two := With(base, slog.String("c", "one")), With(base, slog.String("c", "two"))
	if Text(one, "c") != "one" || Text(two, "c") != "two" || Text(base, "c") != "" {
		t.Error("a context changed another")
	}
}

func TestLevelIsTheInner(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(Handler(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn})))
	log.Info("no")
	log.WithGroup("g").Warn("yes", "k", "v")
	if strings.Contains(out.String(), "no") || !strings.Contains(out.String(), "g.k=v") {
		t.Errorf("%s", out.String())
	}
}
