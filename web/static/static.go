// Package static serves the stylesheet, the scripts, the fonts and the icon. Every file has a name that contains the
// hash of its content, so a browser may keep it for ever; text is compressed once, at the first use.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Prefix is the path under which Handler is mounted.
const Prefix = "/static/"

//go:embed files
var embedded embed.FS

// asset is one file, ready to send.
type asset struct {
	name   string // as written in the source: "foyer.css"
	hashed string // "foyer.3f2a9c1b.css"
	kind   string // content type
	plain  []byte
	zipped []byte // nil where compression does not help
	hash   string
}

type table struct {
	byName map[string]*asset // by source name and by hashed name
	names  []string          // source names, sorted
}

var loaded = sync.OnceValues(func() (*table, error) { return load(embedded) })

// Path is the address of a file by its source name: Path("foyer.css") is "/static/foyer.3f2a9c1b.css". An unknown name
// gives an address that answers 404.
func Path(name string) string {
	all, err := loaded()
	if err != nil {
		return Prefix + name
	}
	if a, ok := all.byName[name]; ok {
		return Prefix + a.hashed
	}
	return Prefix + name
}

// Handler serves the files under Prefix: for ever under a hashed name, checked again each time under the plain name.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	all, err := loaded()
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	a, ok := all.byName[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	a.send(w, r, name == a.hashed)
}

func (a *asset) send(w http.ResponseWriter, r *http.Request, forever bool) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	if forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, tag := a.plain, a.hash
	if a.zipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body, tag = a.zipped, a.hash+"-gz"
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, a.name, time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reads Accept-Encoding: gzip or * without q=0.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding != "gzip" && coding != "*" {
			continue
		}
		q := strings.ReplaceAll(strings.ToLower(params), " ", "")
		return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
	}
	return false
}

// load reads all files: first those nobody refers to, then the stylesheets, whose references get the hashed names.
func load(fsys fs.FS) (*table, error) {
	all := &table{byName: map[string]*asset{}}
	root, err := fs.Sub(fsys, "files")
	if err != nil {
		return nil, fmt.Errorf("static: open: %w", err)
	}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all.names = append(all.names, name)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("static: list: %w", err)
	}
	for _, styles := range []bool{false, true} {
		for _, name := range all.names {
			if (path.Ext(name) == ".css") != styles {
				continue
			}
			data, err := fs.ReadFile(root, name)
			if err != nil {
				return nil, fmt.Errorf("static: read %s: %w", name, err)
			}
			if styles {
				data = all.refer(data)
			}
			if err := all.add(name, data); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func (t *table) add(name string, data []byte) error {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])[:12]
	ext := path.Ext(name)
	a := &asset{name: name, hashed: strings.TrimSuffix(name, ext) + "." + hash + ext, kind: contentType(ext), plain: data, hash: hash}
	if ext != ".woff2" {
		zipped, err := compress(data)
		if err != nil {
			return fmt.Errorf("static: compress %s: %w", name, err)
		}
		if len(zipped) < len(data) {
			a.zipped = zipped
		}
	}
	t.byName[a.name], t.byName[a.hashed] = a, a
	return nil
}

// refer writes hashed names into a stylesheet's url(…) and drops indentation.
func (t *table) refer(css []byte) []byte {
	pairs := make([]string, 0, 2*len(t.names))
	for _, name := range t.names {
		if a, ok := t.byName[name]; ok {
			pairs = append(pairs, "url("+name+")", "url("+a.hashed+")")
		}
	}
	lines := strings.Split(strings.NewReplacer(pairs...).Replace(string(css)), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return []byte(strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n"))
}

func compress(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// contentType does not ask the system's table, which differs between machines.
func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	}
	return "text/plain; charset=utf-8"
}
