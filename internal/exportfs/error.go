package exportfs

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// The reasons of an [Error] and of a [Refused]: keys of the catalogue.
const (
	ReasonNotFound    = "not_found"         // the path does not exist
	ReasonUnreadable  = "unreadable"        // the system refuses to read it
	ReasonNotFile     = "not_a_file"        // a device, a pipe or a socket
	ReasonEmpty       = "empty"             // holds no file
	ReasonTruncated   = "truncated_archive" // ends before its directory
	ReasonNotArchive  = "not_an_archive"    // is named .zip and is none
	ReasonDamaged     = "damaged_archive"   // an entry is not what the directory says
	ReasonTooLarge    = "too_large"         // says itself that it holds more than the limits
	ReasonBomb        = "archive_bomb"      // unpacks to more than the limits
	ReasonEncrypted   = "encrypted"         // needs a password
	ReasonCompression = "compression"       // is packed in a way that is not supported
	ReasonNested      = "nested_archive"    // an archive inside an archive
	ReasonPath        = "unsafe_path"       // its name leads out of the archive, or has no meaning
	ReasonLink        = "symlink"           // a link, or one that leads out of the folder
	ReasonDuplicate   = "duplicate_name"    // the name was there already
)

// remedies say what to do, for the log and the terminal of a developer; the
// visitor reads the catalogue.
var remedies = map[string]string{
	ReasonNotFound:    "there is nothing at this path: check its spelling",
	ReasonUnreadable:  "it cannot be read: check its permissions",
	ReasonNotFile:     "it is neither a file nor a folder",
	ReasonEmpty:       "it holds no file: export it again",
	ReasonTruncated:   "the archive ends in the middle: download or copy it again, whole",
	ReasonNotArchive:  "it is named .zip and is not a zip archive: download it again, or give the unpacked folder",
	ReasonDamaged:     "the archive is damaged: download or copy it again",
	ReasonTooLarge:    "the archive holds more than the limits allow: split it, give the unpacked folder, or raise the limits",
	ReasonBomb:        "the archive unpacks to far more than its size: if you trust it, raise the limits or give the unpacked folder",
	ReasonEncrypted:   "the archive is protected by a password: unpack it and give the folder",
	ReasonCompression: "the archive is packed in a way that is not supported: unpack it and give the folder",
	ReasonNested:      "it holds archives inside an archive: unpack it and give the folder",
	ReasonPath:        "the names inside lead out of the archive",
	ReasonLink:        "it holds links instead of files",
}

// ErrBomb is wrapped by the error of a reading that went beyond the limits.
var ErrBomb = errors.New("archive unpacks to more than the limits allow")

// Error says why a path, or a file inside, cannot be read.
type Error struct {
	Path   string // as the visitor gave it, or the name inside the FS
	Reason string // one of the Reason constants
	Err    error  // the cause, or nil
}

func (e *Error) Error() string {
	text := remedies[e.Reason]
	if text == "" {
		text = e.Reason
	}
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	if e.Err != nil {
		return fmt.Sprintf("%s (%v)", text, e.Err)
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// named gives err the path of the visitor if it has none.
func named(path string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Path == "" {
		return &Error{Path: path, Reason: e.Reason, Err: e.Err}
	}
	return err
}

// diskError names what the system said about a path.
func diskError(path string, err error) *Error {
	reason := ReasonUnreadable
	if errors.Is(err, fs.ErrNotExist) {
		reason = ReasonNotFound
	}
	return &Error{Path: path, Reason: reason, Err: err}
}

// entryError names what unpacking an entry said: the system's word, or else that
// the archive is not what it says.
func entryError(name string, err error) *Error {
	var system syscall.Errno
	if errors.As(err, &system) || errors.Is(err, fs.ErrClosed) {
		return &Error{Path: name, Reason: ReasonUnreadable, Err: err}
	}
	return &Error{Path: name, Reason: ReasonDamaged, Err: err}
}
