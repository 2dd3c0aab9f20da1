package connectortest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// fake is a connector that keeps the contract: a file of lines behind a first
// line, each a message whose number is its second. Tests break one part of it.
type fake struct {
	platform  community.Platform
	normalize func(connectors.Payload) (community.Batch, error)
	recognise func(fs.FS) bool
	read      func(context.Context, fs.FS, connectors.ImportOptions, connectors.Emit) error
}

func honest() fake {
	return fake{platform: "fake", normalize: line, recognise: headed, read: importLines}
}

func (f fake) Platform() community.Platform { return f.platform }
func (f fake) Name() string                 { return "Fake" }

func (f fake) Normalize(p connectors.Payload) (community.Batch, error) { return f.normalize(p) }

func (f fake) Recognises(files fs.FS) bool { return f.recognise(files) }

func (f fake) Import(ctx context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
	return f.read(ctx, files, o, emit)
}

func line(p connectors.Payload) (community.Batch, error) {
	if len(p.Body) == 0 {
		return community.Batch{}, errors.New("empty line")
	}
	at := time.Unix(1_600_000_000, 0).UTC()
	return community.Batch{
		Identities: []community.Identity{{ExternalID: "ada", Name: "Ada"}},
		Channels:   []community.Channel{{ExternalID: p.Scope}},
		Activities: []community.Activity{{
			Kind: community.Message, ExternalID: "fake/" + string(p.Body), At: at, Actor: "ada", Channel: p.Scope,
			Parent: "fake/zero", ParentAt: at.Add(-time.Hour), To: []string{"bob"}, Amount: 1,
		}},
	}, nil
}

// sending changes the batch of an honest connector.
func sending(change func(*community.Batch)) func(connectors.Payload) (community.Batch, error) {
	return func(p connectors.Payload) (community.Batch, error) {
		b, err := line(p)
		if err == nil {
			change(&b)
		}
		return b, err
	}
}

// doing changes the activity of an honest connector.
func doing(change func(*community.Activity)) func(connectors.Payload) (community.Batch, error) {
	return sending(func(b *community.Batch) { change(&b.Activities[0]) })
}

const heading = "community fake\n"

func headed(files fs.FS) bool {
	names, _ := fs.Glob(files, "*.fake")
	return len(names) > 0
}

func importLines(ctx context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	names, err := fs.Glob(files, "*.fake")
	if err != nil || len(names) == 0 {
		return &connectors.FileError{Reason: connectors.ReasonEmpty, File: ".", Err: err}
	}
	var records []connectors.Record
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		for n, text := range strings.Split(strings.TrimPrefix(string(raw), heading), "\n") {
			if strings.HasPrefix(text, "?") {
				return &connectors.AskError{Question: text[1:], File: name}
			}
			r := connectors.Record{
				Payload: &connectors.Payload{Kind: "line", Scope: "talk", Body: []byte(text)},
				File:    name, Line: n + 2, Cursor: fmt.Sprintf("%s %d", name, n),
			}
			if text == "" {
				r.Payload, r.Refusal = nil, &connectors.Refusal{File: name, Line: n + 2, Reason: connectors.ReasonEmpty}
			}
			records = append(records, r)
		}
	}
	for n, r := range records {
		if r.Cursor == o.Resume {
			records = records[n+1:]
			break
		}
	}
	return send(ctx, emit, append([]connectors.Record{{Source: &community.Source{Platform: "fake", ExternalID: "1"}}}, records...))
}

func send(ctx context.Context, emit connectors.Emit, records []connectors.Record) error {
	for _, r := range records {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := emit(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// passing changes what an honest importer gives to emit; count is the record's number.
func passing(change func(count int, r *connectors.Record)) func(context.Context, fs.FS, connectors.ImportOptions, connectors.Emit) error {
	return func(ctx context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
		count := 0
		return importLines(ctx, files, o, func(ctx context.Context, r connectors.Record) error {
			change(count, &r)
			count++
			return emit(ctx, r)
		})
	}
}
