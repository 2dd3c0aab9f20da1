package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"github.com/foyer-app/foyer/internal/ingest"
)

// Bounds of an upload's other fields, and of what surrounds the files.
const (
	fieldBytes  = 64 << 10
	fieldCount  = 50
	envelope    = 8 << 20 // part heads of very many files
	uploadPause = 60 * time.Second
)

// filesField is the name of the field with files; the other fields stand
// before it in the form.
const filesField = "files"

// errBroken says that the sending broke off, or is not a form.
var errBroken = errors.New("the upload broke off")

// incoming is a form with files, read as it arrives and never kept in memory.
type incoming struct {
	fields url.Values
	body   *limited
	parts  *multipart.Reader
	next   *multipart.Part // the first file, until it is taken
	huge   bool            // says itself that it is larger than allowed
}

// hasFile says that at least one file was chosen.
func (in *incoming) hasFile() bool { return in.next != nil && in.next.FileName() != "" }

// receive reads the fields of a form up to its first file. A form that cannot
// hold files has only fields.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) (*incoming, error) {
	rc := http.NewResponseController(w)
	in := &incoming{fields: url.Values{}, body: &limited{reader: r.Body, room: s.MaxUpload + envelope, control: rc}}
	in.body.extend()
	r.Body = in.body
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		r.Body = http.MaxBytesReader(w, r.Body, formBytes)
		err = form(r)
		in.fields = r.PostForm
		return in, err
	}
	if err != nil {
		return nil, &problem{status: http.StatusBadRequest, key: "error.form", err: err}
	}
	in.parts = parts
	in.huge = r.ContentLength > in.body.room
	return in, in.readFields()
}

func (in *incoming) readFields() error {
	for range fieldCount {
		part, err := in.parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if part.FormName() == filesField {
			in.next = part
			return nil
		}
		value, err := io.ReadAll(io.LimitReader(part, fieldBytes))
		if err != nil {
			return broken(err)
		}
		in.fields.Add(part.FormName(), string(value))
	}
	return &problem{status: http.StatusBadRequest, key: "error.form"}
}

// Next returns the next chosen file; io.EOF at the end.
func (in *incoming) Next() (string, io.Reader, error) {
	for in.parts != nil {
		part, err := in.next, error(nil)
		if in.next = nil; part == nil {
			part, err = in.parts.NextPart()
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", nil, broken(err)
		}
		if part.FormName() == filesField && part.FileName() != "" {
			return part.FileName(), arriving{part}, nil
		}
	}
	return "", nil, io.EOF
}

// drain reads what is left, within the same bound, so that the visitor's browser
// reads the answer instead of a broken connection.
func (in *incoming) drain(bound int64) {
	in.body.room = bound
	_, _ = io.Copy(io.Discard, in.body)
}

// arriving tells a sending that breaks off from whatever else can go wrong.
type arriving struct{ io.Reader }

func (a arriving) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = broken(err)
	}
	return n, err
}

func broken(err error) error {
	if errors.Is(err, ingest.ErrTooLarge) {
		return err
	}
	return fmt.Errorf("%w: %w", errBroken, err)
}

// limited is a body of at most room bytes. As long as something arrives there is
// time for more.
type limited struct {
	reader  io.ReadCloser
	room    int64
	control *http.ResponseController
	at      time.Time // the last extension
}

func (l *limited) Read(p []byte) (int, error) {
	if l.room < 0 {
		return 0, ingest.ErrTooLarge
	}
	if time.Since(l.at) > uploadPause/4 {
		l.extend()
	}
	// One byte more than allowed tells too much from just enough.
	if int64(len(p)) > l.room+1 {
		p = p[:l.room+1]
	}
	n, err := l.reader.Read(p)
	if l.room -= int64(n); l.room < 0 {
		return 0, ingest.ErrTooLarge
	}
	if err != nil {
		_ = l.control.SetReadDeadline(time.Time{}) // nothing more is expected
	}
	return n, err
}

// Close closes the body.
func (l *limited) Close() error { return l.reader.Close() }

func (l *limited) extend() {
	l.at = time.Now()
	// Not every writer has deadlines.
	_ = l.control.SetReadDeadline(l.at.Add(uploadPause))
	_ = l.control.SetWriteDeadline(time.Time{})
}
