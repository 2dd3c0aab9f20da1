package whatsapp

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// questionOrder is the AskError that an import can end with. The answer is
// looked for under this key and, for one file of several, under
// "date_order:" and the file's name.
const questionOrder = "date_order"

// Import reads all chats: in the order of the files' names, for each its source,
// what is wrong with the file, and its records; then the files that are no chat.
// All files are read once before, to ask what they cannot decide.
//
// A cursor is "file#offset#back": all before offset is done; reading begins at
// back to know the lines of the minutes before.
func (Connector) Import(ctx context.Context, fsys fs.FS, opts connectors.ImportOptions, emit connectors.Emit) error {
	limit := opts.MaxRecord
	if limit <= 0 {
		limit = connectors.DefaultMaxRecord
	}
	location := opts.Location
	if location == nil {
		location = time.UTC
	}
	chats, refused, err := lookAll(ctx, fsys, limit, opts)
	if err != nil {
		return err
	}
	from, err := parseCursor(opts.Resume)
	if err != nil {
		return err
	}
	if !from.within(chats, refused) {
		from = cursor{} // of a file that is no longer there
	}
	for i := from.among(chats); i < len(chats); i++ {
		r := reading{
			chat: &chats[i], emit: emit, limit: limit, latest: time.Now().Add(48 * time.Hour),
			clock: clock{location: location}, repeats: repeats{},
		}
		if chats[i].file == from.file {
			r.from = from
		}
		if err := r.read(ctx, fsys); err != nil {
			return err
		}
	}
	return emitRefused(ctx, chats, refused, from, emit)
}

// lookAll surveys the files, so that a question is asked before anything is emitted.
func lookAll(ctx context.Context, fsys fs.FS, limit int, o connectors.ImportOptions) ([]chat, []connectors.Refusal, error) {
	files, refused := textFiles(fsys)
	var chats []chat
	for _, file := range files {
		c, refusal, err := look(ctx, fsys, file, o.Archive, limit)
		if err != nil {
			return nil, nil, err
		}
		if refusal != nil {
			refused = append(refused, *refusal)
			continue
		}
		c.settle(o.Answers)
		chats = append(chats, c)
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	for i := range chats {
		if c := &chats[i]; c.order == "" {
			return nil, nil, &connectors.AskError{
				Question: questionOrder, Options: []string{string(dmy), string(mdy)}, File: c.file, Sample: c.sample,
			}
		}
	}
	switch {
	case len(chats) > 0:
		return chats, refused, nil
	case len(refused) > 0:
		return nil, nil, &connectors.FileError{Reason: refused[0].Reason, File: refused[0].File}
	}
	return nil, nil, &connectors.FileError{Reason: connectors.ReasonEmpty, File: "."}
}

// emitRefused ends an import with the files that are no chats. The source in
// force is then the last one.
func emitRefused(ctx context.Context, chats []chat, refused []connectors.Refusal, from cursor, emit connectors.Emit) error {
	skip := -1
	for i := range refused {
		if from.file == refused[i].File {
			skip = i
			if err := emit(ctx, connectors.Record{Source: chats[len(chats)-1].source()}); err != nil {
				return err
			}
		}
	}
	for i := skip + 1; i < len(refused); i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := connectors.Record{Refusal: &refused[i], Cursor: cursor{file: refused[i].File}.String()}
		if err := emit(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// cursor is where a reading can resume.
type cursor struct {
	file   string
	offset int64 // of the first record that is not done
	back   int64 // where to begin to know what came before
}

func (c cursor) String() string { return fmt.Sprintf("%s#%d#%d", c.file, c.offset, c.back) }

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{}, nil
	}
	rest, back, ok1 := cutLast(s)
	file, offset, ok2 := cutLast(rest)
	c := cursor{file: file}
	var err1, err2 error
	c.offset, err1 = strconv.ParseInt(offset, 10, 64)
	c.back, err2 = strconv.ParseInt(back, 10, 64)
	if !ok1 || !ok2 || err1 != nil || err2 != nil || c.back < 0 || c.back > c.offset {
		return cursor{}, fmt.Errorf("whatsapp: cursor %q is none", s)
	}
	return c, nil
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '#')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// within says whether the cursor's file is one of those.
func (c cursor) within(chats []chat, refused []connectors.Refusal) bool {
	return c.among(chats) < len(chats) ||
		slices.ContainsFunc(refused, func(r connectors.Refusal) bool { return r.File == c.file })
}

// among returns the index of the chat to go on with: behind all when the cursor
// is of a file that is no chat.
func (c cursor) among(chats []chat) int {
	if c.file == "" {
		return 0
	}
	for i := range chats {
		if chats[i].file == c.file {
			return i
		}
	}
	return len(chats)
}
