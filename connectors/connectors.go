// Package connectors is the contract between Foyer and the platforms it reads.
// A platform is one folder below this one; nothing else in Foyer knows it.
package connectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/foyer-app/foyer/connectors/sample"
	"github.com/foyer-app/foyer/internal/community"
)

// Connector turns what one platform sends into records. It is a stateless
// value: whatever a call needs arrives as an argument.
type Connector interface {
	Platform() community.Platform
	// Name is the platform's own spelling, for people.
	Name() string
	// Normalize is pure: no clock, network or database, so a stored payload can be
	// normalised again after a fix. An error means that this payload cannot be
	// read; it never means that another one cannot.
	Normalize(Payload) (community.Batch, error)
}

// Payload is what arrived, raw.
type Payload = community.Payload

// Importer reads export files. It streams: its memory does not grow with the files.
type Importer interface {
	// Recognises looks at names and first bytes, and says whether the files are an
	// export of this platform. It reads little and refuses nothing.
	Recognises(fs.FS) bool
	// Import emits the source first, then payloads and refusals in an order that is
	// the same each time. A file or line that cannot be read is emitted as a
	// refusal and the rest goes on; an error ends the import: *AskError when the
	// visitor must decide something, *FileError when the files are not what they
	// should be, else emit's own or the context's.
	Import(context.Context, fs.FS, ImportOptions, Emit) error
}

// Sampler is implemented by importers that can write their platform's part of the
// sample community as an export file: what Importer reads, under the name that
// the platform would give it. The same story gives the same bytes.
type Sampler interface {
	// SamplePlace says whose part that is.
	SamplePlace() sample.Place
	Sample(sample.Story) (name string, write func(io.Writer) error)
}

// Fitted is implemented by platforms that are known to stop suiting a community
// at some point.
type Fitted interface{ Fit() community.Fit }

// DecisionOldest is the key of community.Source.Decisions with the moment of the
// oldest message that the platform showed when its whole history was read (RFC 3339).
const DecisionOldest = "oldest_message"

// ImportOptions are what the visitor said about the files.
type ImportOptions struct {
	Location *time.Location    // of times without a zone; never nil
	Answers  map[string]string // to earlier *AskErrors, by question
	// Archive is what the one archive is called that all the files lie in, empty
	// when there are several or none: some exports are named there only.
	Archive string
	// Resume is the Cursor of the last record that was stored; empty from the start.
	// The source is emitted again, what came before and at the cursor is not.
	Resume string
	// MaxRecord bounds one payload in bytes; a larger one is refused. 0 means DefaultMaxRecord.
	MaxRecord int
}

// DefaultMaxRecord bounds one record of an export file: far above any message,
// far below what would hurt.
const DefaultMaxRecord = 8 << 20

// Emit takes one record. Its error ends the reading and is returned as it is.
type Emit func(context.Context, Record) error

// Record is one of: a source, a payload, a refusal; or a cursor alone.
type Record struct {
	Source  *community.Source
	Payload *Payload
	Refusal *Refusal
	// File and Line (1-based) are where a payload stands, so that what Normalize
	// cannot read is listed with its place.
	File string
	Line int
	// Lines are the payload's lines of a table; a refusal has its own.
	Lines *community.Lines
	// Cursor, when set, says that everything up to and including this record has
	// been emitted; reading can resume behind it.
	Cursor string
}

// Refusal is a line or file that could not be read.
type Refusal = community.Refusal

// The reasons that all importers share.
const (
	ReasonNotJSON    = "not_json"      // is not JSON, or not the JSON it should be
	ReasonTruncated  = "truncated"     // ends in the middle
	ReasonTooLarge   = "too_large"     // one record is larger than allowed
	ReasonNoTime     = "no_time"       // has no time, or one that cannot be read
	ReasonBadTime    = "bad_time"      // a time before 2005 or in the future
	ReasonNoID       = "no_id"         // has no id
	ReasonEncoding   = "encoding"      // is not text in UTF-8
	ReasonUnreadable = "unreadable"    // the file cannot be opened or decompressed
	ReasonPath       = "unsafe_path"   // its name leads out of the archive
	ReasonForeign    = "not_an_export" // is not part of an export of this platform
	ReasonEmpty      = "empty"         // holds nothing
)

// RefusedError is what Normalize returns when it can say why it cannot read a
// payload; any other error is listed as ReasonNotJSON.
type RefusedError struct {
	Reason string // one of the reasons above
	Detail string // such as the name of a field; never personal data
}

func (e *RefusedError) Error() string {
	if e.Detail != "" {
		return e.Reason + ": " + e.Detail
	}
	return e.Reason
}

// AskError says that the files cannot decide something and the visitor must.
type AskError struct {
	Question string   // a key, such as "date_order"
	Options  []string // keys, such as "dmy", "mdy"
	File     string
	Sample   string // a date from the file, shown to help; never a text or a name
}

func (e *AskError) Error() string {
	return fmt.Sprintf("%s: %s is not decided by the file: say one of %v", e.File, e.Question, e.Options)
}

// FileError says that the files as a whole cannot be imported, and the remedy.
type FileError struct {
	Reason string // a key of the catalogue: "import.error.<reason>"
	File   string
	Err    error
}

func (e *FileError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.File, e.Reason, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.File, e.Reason)
}

func (e *FileError) Unwrap() error { return e.Err }

// CanSample says whether a connector of the list writes a part of the sample.
func CanSample(list []Connector) bool {
	return slices.ContainsFunc(list, func(c Connector) bool { _, ok := c.(Sampler); return ok })
}

// Errors with a meaning for every way in.
var (
	ErrSignature = errors.New("signature does not match") // 401, nothing stored
	ErrRevoked   = errors.New("access was revoked")       // the connection says "reconnect"
)

// RateLimitError says when to come back; no attempt is spent.
type RateLimitError struct{ After time.Duration }

func (e *RateLimitError) Error() string { return fmt.Sprintf("rate limited for %s", e.After) }

// Find returns the connector of a platform, or nil.
func Find(list []Connector, platform community.Platform) Connector {
	for _, c := range list {
		if c.Platform() == platform {
			return c
		}
	}
	return nil
}
