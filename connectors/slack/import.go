package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
)

// cursorEvery is the number of records of one file between two cursors.
const cursorEvery = 1000

// Import reads an export: users, channels, then the channels' folders, all in
// the order of their names. Direct messages are not read. A cursor is the path
// of a file that is done, or "path#n" after n of its records.
func (connector) Import(ctx context.Context, fsys fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
	list := roots(fsys)
	if len(list) == 0 {
		if !hasDays(fsys, ".") {
			return fileError(fsys)
		}
		list = []string{"."}
	}
	known, err := look(ctx, fsys, list, maxRecord(o))
	if err != nil {
		return err
	}
	i := &importer{fsys: fsys, limit: maxRecord(o), survey: known}
	i.emit = func(r connectors.Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return emit(ctx, r)
	}
	i.resume(o.Resume)
	if err := i.record(connectors.Record{Source: known.source(list)}); err != nil {
		return err
	}
	if err := i.roots(list); err != nil || i.from == "" {
		return err
	}
	i.from = "" // the cursor names a file that is not imported: from the beginning
	return i.roots(list)
}

// importer is one run.
type importer struct {
	fsys  fs.FS
	emit  func(connectors.Record) error
	limit int
	survey
	from string // file to resume in; empty once it was reached
	done int    // records of it that are done; -1 when all are
	err  error  // ended the run
}

// resume understands a cursor. One of a file that is no longer there means the beginning.
func (i *importer) resume(cursor string) {
	file, count, inside := cutLast(cursor, "#")
	n, err := strconv.Atoi(count)
	if !inside || err != nil || n < 0 {
		file, n = cursor, -1
	}
	if cursor != "" && exists(i.fsys, file) {
		i.from, i.done = file, n
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if at := strings.LastIndex(s, sep); at >= 0 {
		return s[:at], s[at+len(sep):], true
	}
	return s, "", false
}

// start says how many records of a file are done; all of them when ok is false.
func (i *importer) start(name string) (n int, ok bool) {
	if i.from == "" {
		return 0, true
	}
	if i.from != name {
		return 0, false
	}
	i.from = ""
	return i.done, i.done >= 0
}

// record emits one record; its error ends the run.
func (i *importer) record(r connectors.Record) error {
	i.err = i.emit(r)
	return i.err
}

func (i *importer) roots(list []string) error {
	for _, root := range list {
		if err := i.root(root); err != nil {
			return err
		}
	}
	return nil
}

func (i *importer) root(root string) error {
	for _, l := range lists {
		name := path.Join(root, l.file)
		if !exists(i.fsys, name) {
			continue
		}
		if err := i.file(name, i.listed(l)); err != nil {
			return err
		}
	}
	for _, file := range directLists {
		if err := i.direct(path.Join(root, file)); err != nil {
			return err
		}
	}
	for _, folder := range folders(i.fsys, root) {
		if err := i.folder(folder); err != nil {
			return err
		}
	}
	return nil
}

// element makes a payload of a file's element; none when it is passed over.
// What is wrong with one, Normalize says.
type element func(raw []byte) (p connectors.Payload, ok bool)

func (i *importer) listed(l list) element {
	if l.kind == kindUser {
		p := connectors.Payload{Kind: l.kind, Scope: strings.TrimSpace(i.team + " " + i.enterprise)}
		return func([]byte) (connectors.Payload, bool) { return p, true }
	}
	return func(raw []byte) (connectors.Payload, bool) {
		c, err := decodeChannel(raw)
		return connectors.Payload{Kind: l.kind}, err != nil || !c.direct
	}
}

// direct refuses a list of direct messages that could not be read, because
// folders are then left out.
func (i *importer) direct(name string) error {
	err := i.blind[name]
	if err == nil {
		return nil
	}
	if _, ok := i.start(name); !ok {
		return nil
	}
	return i.record(connectors.Record{Refusal: refuse(name, 0, err), Cursor: name})
}

// folder imports the days of one channel.
func (i *importer) folder(folder string) error {
	if i.isDirect(folder) {
		return nil
	}
	list, err := days(i.fsys, folder)
	if err != nil && i.from == "" {
		if err := i.record(connectors.Record{Refusal: refuse(folder, 0, err)}); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		return nil
	}
	if i.unsure(folder) {
		return i.leftOut(folder)
	}
	channel := i.channelOf(folder)
	if i.channels[folder] == "" && i.from == "" {
		if err := i.record(connectors.Record{Payload: unlisted(folder, channel), File: folder}); err != nil {
			return err
		}
	}
	for _, name := range list {
		if err := i.file(name, i.message(channel)); err != nil {
			return err
		}
	}
	return nil
}

// leftOut refuses a folder that may hold direct messages.
func (i *importer) leftOut(folder string) error {
	if i.from != "" {
		return nil
	}
	r := refuse(folder, 0, refused(connectors.ReasonForeign))
	r.Detail = "dms.json"
	return i.record(connectors.Record{Refusal: r})
}

// unlisted is the channel of a folder that no list names.
func unlisted(folder, id string) *connectors.Payload {
	body, _ := json.Marshal(map[string]string{"id": id, "name": path.Base(folder)}) // strings always encode
	return &connectors.Payload{Kind: kindChannel, Body: body}
}

func (i *importer) message(channel string) element {
	return func(raw []byte) (connectors.Payload, bool) {
		user, team := writer(raw)
		s := scope{channel: channel, bot: i.bots[user], outside: i.foreign(team)}
		return connectors.Payload{Kind: kindMessage, Scope: s.String()}, true
	}
}

// writer is a message's user, and the team of that user where it is told.
func writer(raw []byte) (user, team string) {
	_ = object(raw, func(key string, v jsonstream.Value) error { // Normalize says what is wrong
		switch key {
		case "user":
			return name(v, &user)
		case "user_team", "source_team":
			return name(v, &team)
		}
		return nil
	})
	return user, team
}

// file imports the elements of one file. What is complete before a mistake goes in.
func (i *importer) file(name string, make element) error {
	done, ok := i.start(name)
	if !ok {
		return nil
	}
	last := connectors.Record{Cursor: name}
	f, err := i.fsys.Open(name)
	if err != nil {
		last.Refusal = refuse(name, 0, err)
		return i.record(last)
	}
	defer f.Close()
	d := jsonstream.New(f, i.limit)
	n := 0
	err = d.Array(func(v jsonstream.Value) error {
		if n++; n <= done {
			return nil
		}
		r, err := i.one(name, v, make)
		if err != nil {
			return err
		}
		if n%cursorEvery == 0 {
			r.Cursor = name + "#" + strconv.Itoa(n)
		}
		if r == (connectors.Record{}) {
			return nil
		}
		return i.record(r)
	})
	if i.err != nil {
		return i.err
	}
	if err != nil {
		last.Refusal = refuse(name, d.Line(), err)
	}
	return i.record(last)
}

// one makes the record of one element, none when it is passed over. An error is the file's.
func (i *importer) one(name string, v jsonstream.Value, make element) (connectors.Record, error) {
	raw, err := v.Raw()
	switch {
	case errors.Is(err, jsonstream.ErrTooLarge):
		return connectors.Record{Refusal: refuse(name, v.Line(), err)}, nil
	case err != nil:
		return connectors.Record{}, err
	}
	p, ok := make(raw)
	if !ok {
		return connectors.Record{}, nil
	}
	p.Body = bytes.Clone(raw)
	return connectors.Record{Payload: &p, File: name, Line: v.Line()}, nil
}

// refuse names the reason; a file that cannot be read or is empty has no line.
func refuse(name string, line int, err error) *connectors.Refusal {
	r := &connectors.Refusal{File: strings.ToValidUTF8(name, "\uFFFD"), Line: line, Reason: reason(err)}
	if r.Reason == connectors.ReasonUnreadable || r.Reason == connectors.ReasonEmpty {
		r.Line = 0
	}
	return r
}

// maxRecord is the bound of one record.
func maxRecord(o connectors.ImportOptions) int {
	if o.MaxRecord > 0 {
		return o.MaxRecord
	}
	return connectors.DefaultMaxRecord
}
