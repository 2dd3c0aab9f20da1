package connectortest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"testing/fstest"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// imports are the rules for reading export files.
type imports struct {
	suite
	importer connectors.Importer
}

// reading is one run of Import to its end.
type reading struct {
	records []connectors.Record
	bodies  [][]byte // of the payloads, as they were when emitted
	err     error
}

// read collects what Import emits. When stop is not negative, emit fails with
// errStop at that record.
func (i imports) read(ctx context.Context, files fs.FS, opts connectors.ImportOptions, stop int) reading {
	var r reading
	r.err = i.importer.Import(ctx, files, opts, func(_ context.Context, record connectors.Record) error {
		if len(r.records) == stop {
			r.records = append(r.records, record)
			return errStop
		}
		r.records = append(r.records, record)
		if record.Payload != nil {
			r.bodies = append(r.bodies, bytes.Clone(record.Payload.Body))
		}
		return nil
	})
	return r
}

var errStop = errors.New("emit has had enough")

// each calls check for every export with its full reading.
func (i imports) each(check func(files fs.FS, opts connectors.ImportOptions, full reading) error) error {
	return i.suite.each("export", func(name string) error {
		files, opts, err := i.export(name)
		if err != nil {
			return err
		}
		full := i.read(context.Background(), files, opts, -1)
		var ask *connectors.AskError
		var file *connectors.FileError
		if full.err != nil && !errors.As(full.err, &ask) && !errors.As(full.err, &file) {
			return fmt.Errorf("is neither a question nor about the files: %w", full.err)
		}
		return check(files, opts, full)
	})
}

// shape checks that files are recognised, and each record by itself.
func (i imports) shape() error {
	return i.each(func(files fs.FS, _ connectors.ImportOptions, full reading) error {
		if full.err != nil && len(full.records) == 0 {
			return nil
		}
		if !i.importer.Recognises(files) {
			return errors.New("is not recognised")
		}
		cursors := map[string]bool{"": true}
		for n, r := range full.records {
			if err := i.record(n, r); err != nil {
				return fmt.Errorf("record %d: %w", n, err)
			}
			if r.Cursor != "" && cursors[r.Cursor] {
				return fmt.Errorf("record %d: cursor %q is there twice", n, r.Cursor)
			}
			cursors[r.Cursor] = true
		}
		return nil
	})
}

func (i imports) record(n int, r connectors.Record) error {
	parts := 0
	for _, there := range []bool{r.Source != nil, r.Payload != nil, r.Refusal != nil} {
		if there {
			parts++
		}
	}
	switch {
	case parts > 1 || parts == 0 && r.Cursor == "":
		return errors.New("is not one of source, payload, refusal and cursor")
	case n == 0 && r.Source == nil:
		return errors.New("is not the source")
	case r.Source != nil && (r.Source.Platform != i.connector.Platform() || r.Source.ExternalID == ""):
		return fmt.Errorf("source %q of %q has no id or is of another platform", r.Source.ExternalID, r.Source.Platform)
	case r.Payload != nil && r.File == "":
		return errors.New("payload without its file")
	case r.Refusal != nil && (r.Refusal.Reason == "" || r.Refusal.File == ""):
		return errors.New("refusal without reason or file")
	}
	return nil
}

// twice checks that reading again gives the same.
func (i imports) twice() error {
	return i.each(func(files fs.FS, opts connectors.ImportOptions, full reading) error {
		again := i.read(context.Background(), files, opts, -1)
		if fmt.Sprint(full.err) != fmt.Sprint(again.err) {
			return fmt.Errorf("ended with %v, then with %v", full.err, again.err)
		}
		return same(full.records, again.records)
	})
}

// payloads checks that what was emitted stays as it was, and gives sound batches.
func (i imports) payloads() error {
	return i.each(func(_ fs.FS, _ connectors.ImportOptions, full reading) error {
		n := 0
		for k, r := range full.records {
			if r.Payload == nil {
				continue
			}
			if !bytes.Equal(r.Payload.Body, full.bodies[n]) {
				return fmt.Errorf("record %d: its body was overwritten after it was emitted", k)
			}
			n++
			batch, err := i.normalize(*r.Payload)
			if errors.Is(err, errPanic) {
				return fmt.Errorf("record %d: %w", k, err)
			}
			if err != nil {
				continue
			}
			if err := check(i.connector.Platform(), batch); err != nil {
				return fmt.Errorf("record %d: %w", k, err)
			}
		}
		return nil
	})
}

// resumed stops after each record and goes on behind the last cursor.
func (i imports) resumed() error {
	return i.each(func(files fs.FS, opts connectors.ImportOptions, full reading) error {
		for n := range full.records {
			last := n
			for last >= 0 && full.records[last].Cursor == "" {
				last--
			}
			if last != n {
				continue // begins again where an earlier stop did
			}
			opts.Resume = full.records[n].Cursor
			rest := i.read(context.Background(), files, opts, -1)
			if fmt.Sprint(rest.err) != fmt.Sprint(full.err) {
				return fmt.Errorf("resumed behind record %d, it ended with %v, not %v", n, rest.err, full.err)
			}
			if err := continues(full.records, n+1, rest.records); err != nil {
				return fmt.Errorf("resumed behind record %d, %q: %w", n, opts.Resume, err)
			}
		}
		return nil
	})
}

// continues checks that rest begins with the source in force and then gives
// what full gives from n on.
func continues(full []connectors.Record, n int, rest []connectors.Record) error {
	if len(rest) == 0 || rest[0].Source == nil {
		return errors.New("does not begin with the source")
	}
	source, want := leading(full, n)
	again, got := leading(rest, 0)
	if !reflect.DeepEqual(source, again) {
		return fmt.Errorf("source is %+v, not %+v", again, source)
	}
	return same(want, got)
}

// leading splits the records from n on: the last source before the first
// record that is none, and the records from that one.
func leading(records []connectors.Record, n int) (any, []connectors.Record) {
	for n < len(records) && records[n].Source != nil {
		n++
	}
	for k := n - 1; k >= 0; k-- {
		if records[k].Source != nil {
			return *records[k].Source, records[n:]
		}
	}
	return nil, records[n:]
}

// most bounds how often an export is stopped.
const most = 200

// stopped checks that emit's error ends the reading at once.
func (i imports) stopped() error {
	return i.each(func(files fs.FS, opts connectors.ImportOptions, full reading) error {
		for n := 0; n < len(full.records); n += 1 + len(full.records)/most {
			r := i.read(context.Background(), files, opts, n)
			if !errors.Is(r.err, errStop) {
				return fmt.Errorf("emit failed at record %d, and Import returned %v", n, r.err)
			}
			if len(r.records) != n+1 {
				return fmt.Errorf("emit failed at record %d, and was called again", n)
			}
		}
		return nil
	})
}

// cancelled checks that the context ends the reading, before and in the middle.
func (i imports) cancelled() error {
	return i.each(func(files fs.FS, opts connectors.ImportOptions, full reading) error {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		r := i.read(ctx, files, opts, -1)
		if !errors.Is(r.err, context.Canceled) || len(r.records) > 0 {
			return fmt.Errorf("cancelled before it began, it emitted %d records and returned %v", len(r.records), r.err)
		}
		if len(full.records) < 2 {
			return nil
		}
		ctx, cancel = context.WithCancel(context.Background())
		defer cancel()
		err := i.importer.Import(ctx, files, opts, func(context.Context, connectors.Record) error {
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			return fmt.Errorf("cancelled at its first record, it returned %v", err)
		}
		return nil
	})
}

// empty checks that no files at all are an error with that reason.
func (i imports) empty() error {
	files := fstest.MapFS{}
	if i.importer.Recognises(files) {
		return errors.New("no files are recognised")
	}
	r := i.read(context.Background(), files, connectors.ImportOptions{Location: time.UTC}, -1)
	var file *connectors.FileError
	if !errors.As(r.err, &file) || file.Reason != connectors.ReasonEmpty {
		return fmt.Errorf("no files gave %v", r.err)
	}
	return nil
}

// foreign checks that files of no platform are not recognised.
func (i imports) foreign() error {
	files := fstest.MapFS{
		"README.txt":         {Data: []byte("Thank you for downloading.\n\nRead this first: it is short.\n")},
		"notes/2021-01-01":   {Data: []byte("01/01/2021 - stock taking\n02/01/2021 - closed\n")},
		"package.json":       {Data: []byte(`{"name": "tool", "version": "1.0.0"}`)},
		"data/list.json":     {Data: []byte(`[{"id": 1, "name": "one"}, {"id": 2, "name": "two"}]`)},
		"data/broken.json":   {Data: []byte(`{"messages": [`)},
		"data/customers.csv": {Data: []byte("id,name\n1,one\n")},
		"photo.jpg":          {Data: []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00")},
		"empty.txt":          {},
	}
	if i.importer.Recognises(files) {
		return errors.New("files of no platform are recognised")
	}
	return nil
}

func same(want, got []connectors.Record) error {
	for n := range min(len(want), len(got)) {
		if !reflect.DeepEqual(want[n], got[n]) {
			return fmt.Errorf("record %d is %s, not %s", n, brief(got[n]), brief(want[n]))
		}
	}
	if len(want) != len(got) {
		return fmt.Errorf("gives %d records, not %d", len(got), len(want))
	}
	return nil
}

func brief(r connectors.Record) string {
	switch {
	case r.Source != nil:
		return fmt.Sprintf("source %q", r.Source.ExternalID)
	case r.Payload != nil:
		return fmt.Sprintf("payload %q of %q, line %d, cursor %q", r.Payload.Kind, r.File, r.Line, r.Cursor)
	case r.Refusal != nil:
		return fmt.Sprintf("refusal %q of %q, line %d", r.Refusal.Reason, r.Refusal.File, r.Refusal.Line)
	}
	return fmt.Sprintf("cursor %q", r.Cursor)
}
