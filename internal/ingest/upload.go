package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// Upload errors that a page explains.
var (
	ErrNoFile   = errors.New("no file was sent")
	ErrTooLarge = errors.New("the upload is larger than allowed")
	ErrDiskFull = errors.New("the disk is full")
)

// Files yields uploaded files one after the other; io.EOF at the end.
type Files interface {
	Next() (name string, content io.Reader, err error)
}

// Upload stores files in a folder of their own and queues their import. Nothing
// is queued, and nothing stays, when a file breaks off.
func (in *Ingest) Upload(ctx context.Context, client *river.Client[pgx.Tx], c community.Community,
	source community.Platform, zone *time.Location, files Files, limit int64,
) (int64, error) {
	if err := os.MkdirAll(in.Uploads, 0o700); err != nil {
		return 0, fmt.Errorf("ingest: upload: %w", err)
	}
	dir, err := os.MkdirTemp(in.Uploads, "upload-")
	if err != nil {
		return 0, fmt.Errorf("ingest: upload: %w", noSpace(err))
	}
	i := store.Import{Scope: c.Scope, Source: source, TimeZone: zone.String(), Owned: true}
	err = in.receive(dir, files, limit, &i)
	if err == nil {
		err = in.queue(ctx, client, &i)
	}
	if err != nil {
		_ = os.RemoveAll(dir) // else the hourly retention does
		return 0, fmt.Errorf("ingest: upload: %w", err)
	}
	return i.ID, nil
}

// receive writes the files below dir, under their own names as far as a file
// system takes them, each in its place in the row.
func (in *Ingest) receive(dir string, files Files, limit int64, i *store.Import) error {
	for n := 0; ; n++ {
		name, content, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		path := filepath.Join(dir, fileName(name, i.Paths, dir))
		size, err := save(path, content, limit-i.BytesTotal)
		if err != nil {
			return err
		}
		if size == 0 && strings.TrimSpace(name) == "" {
			_ = os.Remove(path) // a form without a chosen file
			continue
		}
		i.BytesTotal += size
		i.Paths, i.Names = append(i.Paths, path), append(i.Names, filepath.Base(path))
	}
	if len(i.Paths) == 0 {
		return ErrNoFile
	}
	return nil
}

func save(path string, content io.Reader, room int64) (int64, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, noSpace(err)
	}
	n, err := io.Copy(f, io.LimitReader(content, room+1))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	switch {
	case err != nil:
		return n, noSpace(err)
	case n > room:
		return n, ErrTooLarge
	}
	return n, nil
}

func noSpace(err error) error {
	if diskFull(err) {
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	return err
}

// fileName makes a name that is safe as a file's and unique in the upload.
func fileName(name string, taken []string, dir string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, filepath.Base(strings.ReplaceAll(name, `\`, "/")))
	name = strings.TrimLeft(clip(name, 180), ". ")
	if name == "" {
		name = "file"
	}
	used := func(n string) bool {
		for _, p := range taken {
			if strings.EqualFold(p, filepath.Join(dir, n)) {
				return true
			}
		}
		return false
	}
	unique := name
	for n := 2; used(unique); n++ {
		ext := filepath.Ext(name)
		unique = strings.TrimSuffix(name, ext) + " " + strconv.Itoa(n) + ext
	}
	return unique
}

// clip shortens a name to n bytes, keeping its extension.
func clip(name string, n int) string {
	if len(name) <= n {
		return strings.ToValidUTF8(name, "_")
	}
	ext := filepath.Ext(name)
	if len(ext) > 10 {
		ext = ""
	}
	return strings.ToValidUTF8(name[:n-len(ext)], "") + ext
}

// queue records the import and its job in one transaction.
func (in *Ingest) queue(ctx context.Context, client *river.Client[pgx.Tx], i *store.Import) error {
	return in.Store.Begin(ctx, i.Organisation, func(tx pgx.Tx) error {
		id, err := in.Store.CreateImport(ctx, tx, *i)
		if err != nil {
			return err
		}
		i.ID = id
		_, err = client.InsertTx(ctx, tx, ImportArgs{Organisation: i.Organisation, Community: i.Community, Import: id}, nil)
		return err
	})
}

// Answer records what the visitor decided and queues the rest of the import.
func (in *Ingest) Answer(ctx context.Context, client *river.Client[pgx.Tx], i store.Import, key, answer string) error {
	err := in.Store.Begin(ctx, i.Organisation, func(tx pgx.Tx) error {
		if err := in.Store.AnswerImport(ctx, tx, i, key, answer); err != nil {
			return err
		}
		_, err := client.InsertTx(ctx, tx, ImportArgs{Organisation: i.Organisation, Community: i.Community, Import: i.ID}, nil)
		return err
	})
	if err != nil {
		return fmt.Errorf("ingest: answer: %w", err)
	}
	return nil
}

// Cancel ends an import; what went in stays, the uploaded files go.
func (in *Ingest) Cancel(ctx context.Context, i store.Import) error {
	if err := in.Store.CancelImport(ctx, i); err != nil {
		return fmt.Errorf("ingest: cancel: %w", err)
	}
	in.removeUploads(ctx, i.Scope, i.ID)
	return nil
}
