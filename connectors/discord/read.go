package discord

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strconv"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

// importing is one run of Import.
type importing struct {
	fsys    fs.FS
	max     int // bytes of one record
	emit    connectors.Emit
	sources map[string]community.Source
	guild   string // whose source was emitted last
	stop    error  // emit's or the context's: ends the run
}

// send emits a record, and remembers the error that ends the run.
func (run *importing) send(ctx context.Context, r connectors.Record) error {
	if run.stop = ctx.Err(); run.stop == nil {
		run.stop = run.emit(ctx, r)
	}
	return run.stop
}

// enter emits the source of a server.
func (run *importing) enter(ctx context.Context, guild string) error {
	source := run.sources[guild]
	run.guild = guild
	return run.send(ctx, connectors.Record{Source: &source})
}

// file reads one export behind its first skip messages.
func (run *importing) file(ctx context.Context, f file, skip int) error {
	end := cursor(f.name, ended)
	if f.refusal != nil {
		return run.send(ctx, connectors.Record{Refusal: f.refusal, Cursor: end})
	}
	if f.guild.ID != run.guild {
		if err := run.enter(ctx, f.guild.ID); err != nil {
			return err
		}
	}
	refusal := run.walk(ctx, f, skip)
	if run.stop != nil {
		return run.stop
	}
	return run.send(ctx, connectors.Record{Refusal: refusal, Cursor: end})
}

// walk emits a file's channel and messages. It returns why it could not read
// on, if it could not; run.stop is set when it was ended.
func (run *importing) walk(ctx context.Context, f file, skip int) *connectors.Refusal {
	in, err := run.fsys.Open(f.name)
	if err != nil {
		return &connectors.Refusal{File: f.name, Reason: connectors.ReasonUnreadable}
	}
	defer in.Close()
	d := jsonstream.New(in, run.max)
	m := messages{run: run, name: f.name, scope: scopeOf(f.channel), skip: skip}
	err = d.Object(func(key string, v jsonstream.Value) error {
		switch {
		case key == "channel" && m.index == 0 && skip == 0:
			return m.channel(ctx, v)
		case key == "messages":
			return v.Array(func(v jsonstream.Value) error { return m.next(ctx, v) })
		}
		return nil
	})
	if err == nil || run.stop != nil {
		return nil
	}
	return &connectors.Refusal{File: f.name, Line: d.Line(), Reason: reason(err)}
}

// messages are those of one file on their way out.
type messages struct {
	run   *importing
	name  string
	scope string
	skip  int
	index int // of those read, the refused ones included
}

func (m *messages) channel(ctx context.Context, v jsonstream.Value) error {
	raw, err := v.Raw()
	if err != nil {
		return err
	}
	return m.run.send(ctx, connectors.Record{
		Payload: &connectors.Payload{Kind: exportChannel, Body: bytes.Clone(raw)}, File: m.name, Line: v.Line(),
	})
}

// next emits one message, or its refusal.
func (m *messages) next(ctx context.Context, v jsonstream.Value) error {
	m.index++
	if m.index <= m.skip {
		return ctx.Err()
	}
	record := connectors.Record{File: m.name, Line: v.Line()}
	raw, err := v.Raw()
	switch {
	case errors.Is(err, jsonstream.ErrTooLarge):
		record = m.refuse(connectors.ReasonTooLarge, v.Line())
	case err != nil:
		return err
	case v.Kind() != '{':
		record = m.refuse(connectors.ReasonNotJSON, v.Line())
	default:
		record.Payload = &connectors.Payload{Kind: exportMessage, Scope: m.scope, Body: bytes.Clone(raw)}
	}
	if m.index%step == 0 {
		record.Cursor = cursor(m.name, strconv.Itoa(m.index))
	}
	return m.run.send(ctx, record)
}

func (m *messages) refuse(reason string, line int) connectors.Record {
	return connectors.Record{Refusal: &connectors.Refusal{File: m.name, Line: line, Reason: reason}}
}
