package discord

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
)

// reasonDirect refuses conversations outside servers: Foyer reads none.
const reasonDirect = "direct_messages"

// How many bytes of a file may come before its messages. The longest field
// there is the channel's topic, of 4,096 characters.
const (
	recognising = 64 << 10
	surveying   = 1 << 20
)

// file is one export, known by what comes before its messages.
type file struct {
	name     string
	guild    guild
	channel  channel
	exported time.Time // zero where an older file does not say it
	refusal  *connectors.Refusal
}

type guild struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// exports returns the names of the files that could be exports, sorted.
func exports(ctx context.Context, fsys fs.FS) ([]string, error) {
	var names []string
	other := false
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			return nil // a folder that cannot be read; what is beside it can
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() && foreignFolder(name):
			return fs.SkipDir
		case d.Type().IsRegular() && couldBe(name):
			names = append(names, name)
		case d.Type().IsRegular():
			other = true
		}
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, &connectors.FileError{Reason: connectors.ReasonUnreadable, File: ".", Err: err}
	case len(names) == 0 && other:
		return nil, &connectors.FileError{Reason: connectors.ReasonForeign, File: "."}
	case len(names) == 0:
		return nil, &connectors.FileError{Reason: connectors.ReasonEmpty, File: "."}
	}
	slices.Sort(names)
	return names, nil
}

// foreignFolder says whether a folder holds attachments that the exporter
// downloaded, or what macOS adds to an archive.
func foreignFolder(name string) bool {
	return strings.HasSuffix(name, ".json_Files") || path.Base(name) == "__MACOSX"
}

func couldBe(name string) bool {
	base := path.Base(name)
	return strings.EqualFold(path.Ext(base), ".json") && !strings.HasPrefix(base, ".")
}

// survey opens every file and reads what comes before its messages. When none
// can be imported, the error says why.
func survey(ctx context.Context, fsys fs.FS, names []string) ([]file, error) {
	files := make([]file, 0, len(names))
	readable := false
	for _, name := range names {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		f := open(fsys, name, surveying)
		readable = readable || f.refusal == nil
		files = append(files, f)
	}
	if !readable {
		return nil, none(files)
	}
	return files, nil
}

// none is the error when no file can be imported: why the first one that is
// an export cannot, else why the first one is none.
func none(files []file) error {
	told := files[0].refusal
	for _, f := range files {
		if f.refusal.Reason != connectors.ReasonForeign {
			told = f.refusal
			break
		}
	}
	return &connectors.FileError{Reason: told.Reason, File: told.File}
}

// errFound ends the walk of a file at its messages.
var errFound = errors.New("found")

// open reads up to limit bytes of a file, as far as its messages.
func open(fsys fs.FS, name string, limit int64) file {
	f := file{name: name}
	in, err := fsys.Open(name)
	if err != nil {
		f.refuse(connectors.ReasonUnreadable, 0)
		return f
	}
	defer in.Close()
	bounded := &io.LimitedReader{R: in, N: limit}
	d := jsonstream.New(bounded, int(limit))
	if d.Kind() == '[' {
		f.refuse(connectors.ReasonForeign, 0)
		return f
	}
	switch err := d.Object(f.member); {
	case errors.Is(err, errFound):
		f.check()
	case err == nil, bounded.N <= 0: // another kind of object
		f.refuse(connectors.ReasonForeign, 0)
	case errors.Is(err, jsonstream.ErrTruncated):
		f.refuse(connectors.ReasonTruncated, d.Line())
	default:
		f.refuse(reason(err), 0)
	}
	return f
}

// member takes what is before the messages.
func (f *file) member(key string, v jsonstream.Value) error {
	var into any
	switch key {
	case "guild":
		into = &f.guild
	case "channel":
		into = &f.channel
	case "exportedAt":
		into = new(string)
	case "messages":
		return errFound
	default:
		return nil
	}
	raw, err := v.Raw()
	if err != nil {
		return err
	}
	if decode(raw, into) != nil {
		return jsonstream.ErrSyntax
	}
	if at, ok := into.(*string); ok {
		f.exported, _ = instant(*at)
	}
	return nil
}

// check refuses a file that does not say whose messages follow, or that holds
// a private conversation.
func (f *file) check() {
	_, direct := f.channel.kind()
	switch {
	case f.guild.ID == "0" || direct:
		f.refuse(reasonDirect, 0)
	case !valid(f.guild.ID) || !valid(f.channel.ID):
		f.refuse(connectors.ReasonForeign, 0)
	}
}

func (f *file) refuse(reason string, line int) {
	f.refusal = &connectors.Refusal{File: f.name, Line: line, Reason: reason}
}

// reason says why a file cannot be read on.
func reason(err error) string {
	switch {
	case errors.Is(err, io.EOF):
		return connectors.ReasonEmpty
	case errors.Is(err, jsonstream.ErrTruncated):
		return connectors.ReasonTruncated
	case errors.Is(err, jsonstream.ErrSyntax):
		return connectors.ReasonNotJSON
	case errors.Is(err, jsonstream.ErrTooLarge):
		return connectors.ReasonTooLarge
	}
	return connectors.ReasonUnreadable
}
