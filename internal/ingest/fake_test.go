package ingest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// lines is a platform whose export is a text file of "<unix seconds> <who> <text>".
type lines struct {
	// breakAt, when set, gives the number of lines after which a reading breaks off.
	breakAt func() int
}

// errBroken is a fault that passes.
var errBroken = errors.New("the line broke")

func (lines) Platform() community.Platform { return "lines" }
func (lines) Name() string                 { return "Lines" }

func (lines) Normalize(p connectors.Payload) (community.Batch, error) {
	at, rest, _ := strings.Cut(string(p.Body), " ")
	who, text, ok := strings.Cut(rest, " ")
	if !ok {
		return community.Batch{}, &connectors.RefusedError{Reason: connectors.ReasonNoID}
	}
	sec, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return community.Batch{}, &connectors.RefusedError{Reason: connectors.ReasonNoTime, Detail: "time"}
	}
	return community.Batch{
		Identities: []community.Identity{{ExternalID: who, Name: strings.ToUpper(who), Bot: who == "bot"}},
		Channels:   []community.Channel{{ExternalID: p.Scope, Name: p.Scope}},
		Activities: []community.Activity{{
			Kind: community.Message, ExternalID: fmt.Sprintf("lines/%s/%s/%s", p.Scope, at, who), At: time.Unix(sec, 0),
			Actor: who, Channel: p.Scope, Amount: 1, Features: community.Describe(text),
		}},
	}, nil
}

func (lines) Recognises(files fs.FS) bool {
	names, err := fs.Glob(files, "*.lines")
	return err == nil && len(names) > 0
}

func (l lines) Import(ctx context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
	if l.breakAt != nil {
		left := l.breakAt()
		whole := emit
		emit = func(ctx context.Context, r connectors.Record) error {
			if left--; left == 0 {
				return errBroken
			}
			return whole(ctx, r)
		}
	}
	if err := emit(ctx, connectors.Record{Source: &community.Source{
		Platform: "lines", ExternalID: "one", Name: "One", Measures: community.Measures{ReplyLinks: true},
	}}); err != nil {
		return err
	}
	names, err := fs.Glob(files, "*.lines")
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := importLines(ctx, files, name, o, emit); err != nil {
			return err
		}
	}
	return nil
}

func importLines(ctx context.Context, files fs.FS, name string, o connectors.ImportOptions, emit connectors.Emit) error {
	f, err := files.Open(name)
	if err != nil {
		return emit(ctx, connectors.Record{Refusal: &connectors.Refusal{File: name, Reason: connectors.ReasonUnreadable}, Cursor: name + "#end"})
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	for n := 1; scan.Scan(); n++ {
		cursor := fmt.Sprintf("%s#%09d", name, n)
		if cursor <= o.Resume {
			continue
		}
		line := scan.Text()
		if strings.HasPrefix(line, "ask") && o.Answers["shade"] == "" {
			return &connectors.AskError{Question: "shade", Options: []string{"light", "dark"}, File: name}
		}
		rec := connectors.Record{Payload: &connectors.Payload{Kind: "line", Scope: strings.TrimSuffix(name, ".lines"), Body: []byte(line)}, File: name, Line: n}
		if n%100 == 0 {
			rec.Cursor = cursor
		}
		if strings.HasPrefix(line, "ask") {
			continue
		}
		if err := emit(ctx, rec); err != nil {
			return err
		}
	}
	if err := scan.Err(); err != nil {
		return err
	}
	return emit(ctx, connectors.Record{Cursor: name + "#999999999"})
}
