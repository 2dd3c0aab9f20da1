package discord

import (
	"context"
	"io/fs"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// step is how many messages of a file lie between two cursors.
const step = 1000

// Recognises looks for an export among the first files that could be one.
func (Connector) Recognises(fsys fs.FS) bool {
	const enough = 16
	names, _ := exports(context.Background(), fsys)
	for _, name := range names[:min(enough, len(names))] {
		if f := open(fsys, name, recognising); f.refusal == nil || f.refusal.Reason == reasonDirect {
			return true
		}
	}
	return false
}

// Import reads the exports in the order of their names. A file that is of
// another server than the one before is preceded by its source.
//
// The source says that joins are measured. An export holds them where the server
// announces newcomers and that channel is among the files; elsewhere there are
// none, and a membership begins, inferred, when somebody is first seen.
func (Connector) Import(ctx context.Context, fsys fs.FS, opts connectors.ImportOptions, emit connectors.Emit) error {
	names, err := exports(ctx, fsys)
	if err != nil {
		return err
	}
	files, err := survey(ctx, fsys, names)
	if err != nil {
		return err
	}
	run := importing{fsys: fsys, max: opts.MaxRecord, emit: emit, sources: sources(files)}
	if run.max <= 0 {
		run.max = connectors.DefaultMaxRecord
	}
	start, index := resume(files, opts.Resume)
	if err := run.enter(ctx, guildAt(files, start)); err != nil {
		return err
	}
	for _, f := range files[start:] {
		if err := run.file(ctx, f, index); err != nil {
			return err
		}
		index = 0
	}
	return nil
}

// sources returns the servers in the files, each as recent as its latest file.
func sources(files []file) map[string]community.Source {
	all := map[string]community.Source{}
	for _, f := range files {
		if f.refusal != nil {
			continue
		}
		s := all[f.guild.ID]
		if s.ExternalID == "" {
			s = community.Source{
				Platform: platform, ExternalID: f.guild.ID, Name: clean(f.guild.Name),
				Measures: community.Measures{Joins: true, Reactions: true, ReplyLinks: true, ThreadLinks: true},
			}
		}
		if f.exported.After(s.Horizon) {
			s.Horizon = f.exported
		}
		all[f.guild.ID] = s
	}
	return all
}

// guildAt returns the server that reading stands in when it begins with
// files[start]: that of the last file before, else of the first one that has any.
func guildAt(files []file, start int) string {
	for i := start - 1; i >= 0; i-- {
		if files[i].refusal == nil {
			return files[i].guild.ID
		}
	}
	for _, f := range files[start:] {
		if f.refusal == nil {
			return f.guild.ID
		}
	}
	return ""
}

// ended stands in a cursor for the index behind a file's last message.
const ended = "end"

func cursor(name, index string) string { return name + "#" + index }

// resume returns where to go on: the first file to read, and how many of its
// messages were read. A file that is no longer there is passed over.
func resume(files []file, cursor string) (start, index int) {
	at := strings.LastIndexByte(cursor, '#')
	if at < 0 {
		return 0, 0
	}
	name := cursor[:at]
	index, err := strconv.Atoi(cursor[at+1:])
	for i, f := range files {
		switch {
		case f.name == name && err == nil:
			return i, max(0, index)
		case f.name > name:
			return i, 0
		}
	}
	return len(files), 0
}
