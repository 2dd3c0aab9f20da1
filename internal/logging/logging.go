// Package logging writes into every line of the log for which request, job and
// organisation it was: whoever works for a context adds them once.
package logging

import (
	"context"
	"log/slog"
	"slices"
)

// The names under which ids stand in a line.
const (
	RequestID    = "request_id"
	JobID        = "job_id"
	JobKind      = "job_kind"
	Organisation = "organisation"
)

type attrsKey struct{}

// With returns a context whose lines carry these attributes too; one of the same
// name replaces the earlier one.
func With(ctx context.Context, attrs ...slog.Attr) context.Context {
	all := slices.DeleteFunc(slices.Clone(attrsOf(ctx)), func(a slog.Attr) bool {
		return slices.ContainsFunc(attrs, func(b slog.Attr) bool { return a.Key == b.Key })
	})
	return context.WithValue(ctx, attrsKey{}, append(all, attrs...))
}

func attrsOf(ctx context.Context) []slog.Attr {
	all, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	return all
}

// Text is an attribute of a context as text; empty where it has none.
func Text(ctx context.Context, name string) string {
	for _, a := range attrsOf(ctx) {
		if a.Key == name {
			return a.Value.String()
		}
	}
	return ""
}

// Handler returns a handler that adds the context's attributes to each line and
// hands it on.
func Handler(next slog.Handler) slog.Handler { return handler{next} }

type handler struct{ slog.Handler }

// Handle implements slog.Handler. What a line says itself comes first.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	r = r.Clone()
	r.AddAttrs(attrsOf(ctx)...)
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
