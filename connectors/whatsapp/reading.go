package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// cursorEvery is the number of records between two cursors.
const cursorEvery = 1000

// earliest is the year before which no message can be.
const earliest = 2005

// reading is the second reading of one file.
type reading struct {
	chat    *chat
	emit    connectors.Emit
	limit   int
	latest  time.Time
	from    cursor
	clock   clock
	repeats repeats
	scope   []byte // of all records, up to their time

	open    bool // a record was begun
	header  header
	raw     []byte
	over    bool // it is larger than the limit
	start   int64
	line    int
	records int
}

// read emits the source, what is wrong with the file, and the records.
func (r *reading) read(ctx context.Context, fsys fs.FS) error {
	if err := r.record(ctx, connectors.Record{Source: r.chat.source()}); err != nil {
		return err
	}
	if r.from.file == "" {
		for i := range r.chat.refused {
			if err := r.record(ctx, connectors.Record{Refusal: &r.chat.refused[i]}); err != nil {
				return err
			}
		}
	}
	prefix, err := json.Marshal(scope{Chat: r.chat.id, Name: r.chat.name, Group: r.chat.group})
	if err != nil {
		return fmt.Errorf("whatsapp: scope: %w", err)
	}
	r.scope = prefix[:bytes.LastIndex(prefix, []byte(`"at":`))+len(`"at":`)]
	in, err := openText(fsys, r.chat.file, r.limit)
	if err != nil {
		return r.refuse(ctx, connectors.ReasonUnreadable, 0)
	}
	defer in.Close()
	if err := in.skip(r.from.back); err != nil && !errors.Is(err, io.EOF) {
		return r.refuse(ctx, connectors.ReasonUnreadable, 0)
	}
	return r.lines(ctx, in)
}

// lines puts lines together to records.
func (r *reading) lines(ctx context.Context, in *input) error {
	for {
		line, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return r.finish(ctx, in.read)
		case errors.Is(err, io.ErrUnexpectedEOF):
			return r.refuse(ctx, connectors.ReasonTruncated, in.num+1)
		case err != nil:
			return r.refuse(ctx, connectors.ReasonUnreadable, in.num+1)
		}
		if h, ok := scanHeader(line.text); ok && h.style == r.chat.style {
			if err := r.flush(ctx, line.start, false); err != nil {
				return err
			}
			r.open, r.header, r.start, r.line = true, h, line.start, line.num
			r.raw, r.over = append(r.raw[:0], line.text...), line.cut
			continue
		}
		if r.open && !r.over {
			r.over = line.cut || len(r.raw)+1+len(line.text) > r.limit
			if !r.over {
				r.raw = append(append(r.raw, '\n'), line.text...)
			}
		}
	}
}

// flush ends the record that was begun. end is the offset behind it.
func (r *reading) flush(ctx context.Context, end int64, last bool) error {
	if !r.open {
		return ctx.Err()
	}
	r.open = false
	at, ok := r.clock.moment(&r.header, r.chat.order)
	ok = ok && at.Year() >= earliest && at.Before(r.latest)
	record := connectors.Record{File: r.chat.file, Line: r.line}
	switch {
	case r.over:
		record = r.refusal(connectors.ReasonTooLarge, r.line)
	case !ok:
		record = r.refusal(connectors.ReasonBadTime, r.line)
	default:
		n := r.repeats.count(minute(at), r.digest(), r.start)
		record.Payload = &connectors.Payload{Kind: kindLine, Scope: r.scoped(at, n), Body: bytes.Clone(r.raw)}
	}
	if r.start < r.from.offset {
		return ctx.Err()
	}
	r.records++
	if last || ok && r.records >= cursorEvery && !r.clock.doubled(at) {
		r.records = 0
		record.Cursor = cursor{file: r.chat.file, offset: end, back: min(end, r.repeats.back(end))}.String()
	}
	return r.record(ctx, record)
}

// finish ends the file, with a cursor behind all.
func (r *reading) finish(ctx context.Context, end int64) error { return r.flush(ctx, end, true) }

// digest is that of the record's line.
func (r *reading) digest() uint64 {
	l := readLine(strings.ToValidUTF8(string(r.raw[r.header.rest:]), "\uFFFD"))
	return digest(&l, readContent(l.text))
}

// scoped is the scope of one record, as JSON.
func (r *reading) scoped(at time.Time, n int) string {
	out := make([]byte, 0, len(r.scope)+48)
	out = append(append(out, r.scope...), '"')
	out = append(at.AppendFormat(out, time.RFC3339), '"')
	if n > 0 {
		out = strconv.AppendInt(append(out, `,"n":`...), int64(n), 10)
	}
	return string(append(out, '}'))
}

func (r *reading) refusal(reason string, line int) connectors.Record {
	return connectors.Record{Refusal: &connectors.Refusal{File: r.chat.file, Line: line, Reason: reason}}
}

// refuse ends the file at a line that cannot be read. The record before it may
// have lost its end, so it is left out.
func (r *reading) refuse(ctx context.Context, reason string, line int) error {
	if r.open {
		line = r.line
	}
	return r.record(ctx, r.refusal(reason, line))
}

func (r *reading) record(ctx context.Context, record connectors.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.emit(ctx, record)
}
