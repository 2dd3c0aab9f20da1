package slack

import (
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
)

// list is a file of an export's top folder, an array of objects.
type list struct {
	file string
	kind string
}

// lists are the files of the top folder that are imported, in this order.
var lists = []list{
	{"users.json", kindUser},
	{"org_users.json", kindUser},
	{"channels.json", kindChannel},
	{"groups.json", kindGroup},
}

// directLists name conversations that are never read.
var directLists = []string{"dms.json", "mpims.json"}

var (
	userID   = regexp.MustCompile(`^[UW][A-Z0-9]{6,}$|^USLACKBOT$`)
	directID = regexp.MustCompile(`^D[A-Z0-9]{8,}$`)
)

// maxPeek bounds the first record that Recognises looks at, in bytes.
const maxPeek = 1 << 20

// Recognises looks for channels.json or users.json beside a folder of days, or
// for users.json with Slack's ids.
func (connector) Recognises(fsys fs.FS) bool {
	for _, root := range roots(fsys) {
		if listsUsers(fsys, path.Join(root, "users.json")) {
			return true
		}
		if !exists(fsys, path.Join(root, "channels.json")) && !exists(fsys, path.Join(root, "users.json")) {
			continue
		}
		if hasDays(fsys, root) {
			return true
		}
	}
	return false
}

// listsUsers says whether the first record of a file has the id of a Slack user.
func listsUsers(fsys fs.FS, name string) bool {
	f, err := fsys.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	found := false
	_ = jsonstream.New(f, maxPeek).Array(func(v jsonstream.Value) error {
		if raw, err := v.Raw(); err == nil {
			u, err := decodeUser(raw)
			found = err == nil && userID.MatchString(u.id)
		}
		return fs.SkipAll
	})
	return found
}

// roots are the folders that hold an export's lists: the top one, or those
// directly below it.
func roots(fsys fs.FS) (list []string) {
	if isRoot(fsys, ".") {
		return []string{"."}
	}
	for _, dir := range folders(fsys, ".") {
		if isRoot(fsys, dir) {
			list = append(list, dir)
		}
	}
	return list
}

func isRoot(fsys fs.FS, dir string) bool {
	for _, l := range lists {
		if exists(fsys, path.Join(dir, l.file)) {
			return true
		}
	}
	return false
}

func exists(fsys fs.FS, name string) bool {
	_, err := fs.Stat(fsys, name)
	return err == nil
}

// folders are the paths of the folders in dir, sorted; one that cannot be read has none.
func folders(fsys fs.FS, dir string) (list []string) {
	entries, _ := fs.ReadDir(fsys, dir)
	for _, e := range entries {
		if name := e.Name(); e.IsDir() && name != "__MACOSX" && !strings.HasPrefix(name, ".") {
			list = append(list, path.Join(dir, name))
		}
	}
	return list
}

// days are the paths of the day files in dir, sorted.
func days(fsys fs.FS, dir string) (list []string, err error) {
	entries, err := fs.ReadDir(fsys, dir)
	for _, e := range entries {
		if !e.IsDir() && isDay(e.Name()) {
			list = append(list, path.Join(dir, e.Name()))
		}
	}
	return list, err
}

// hasDays says whether a folder below dir holds a day file.
func hasDays(fsys fs.FS, dir string) bool {
	for _, folder := range folders(fsys, dir) {
		if list, _ := days(fsys, folder); len(list) > 0 {
			return true
		}
	}
	return false
}

// isDay recognises YYYY-MM-DD.json.
func isDay(name string) bool {
	day, ok := strings.CutSuffix(name, ".json")
	return ok && len(day) == len("2006-01-02") && day[4] == '-' && day[7] == '-' &&
		digits(day[:4]) && digits(day[5:7]) && digits(day[8:])
}

// fileError says that the files are not an export.
func fileError(fsys fs.FS) error {
	entries, err := fs.ReadDir(fsys, ".")
	switch {
	case err != nil && len(entries) == 0:
		return &connectors.FileError{Reason: connectors.ReasonUnreadable, File: ".", Err: err}
	case len(entries) == 0:
		return &connectors.FileError{Reason: connectors.ReasonEmpty, File: "."}
	}
	return &connectors.FileError{Reason: connectors.ReasonForeign, File: "."}
}
