package web

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// Bounds of a logo.
const (
	logoBytes  = 1 << 20 // as sent
	logoSide   = 4096    // as sent, in pixels
	logoPixels = 8 << 20 // as sent, of a kind with more than 8 bits a colour
	logoKept   = 512     // the longer side that is kept
	logoField  = "logo"
)

// What is wrong with a picture; the text is the end of the key settings.logo.<text>.
var (
	errLogoKind  = errors.New("kind")  // not a raster picture that we read
	errLogoSize  = errors.New("size")  // too many bytes or pixels
	errLogoBroke = errors.New("broke") // begins like a picture and is none
	errLogoNone  = errors.New("none")  // no file was chosen
)

// rasterFormat is a kind of picture that is read. Others hold programs or texts.
type rasterFormat struct {
	magic  []string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func rasterFormats() []rasterFormat {
	return []rasterFormat{
		{[]string{"\x89PNG\r\n\x1a\n"}, png.DecodeConfig, png.Decode},
		{[]string{"\xff\xd8\xff"}, jpeg.DecodeConfig, jpeg.Decode},
		{[]string{"GIF87a", "GIF89a"}, gif.DecodeConfig, gif.Decode}, // the first of its frames
		{[]string{"RIFF"}, webp.DecodeConfig, webp.Decode},
	}
}

// readLogo makes a PNG of ours from a picture of somebody: nothing that was hidden
// in the file is kept. Size is asked before anything is unpacked.
func readLogo(data []byte) ([]byte, error) {
	if len(data) > logoBytes {
		return nil, errLogoSize
	}
	for _, f := range rasterFormats() {
		for _, magic := range f.magic {
			if bytes.HasPrefix(data, []byte(magic)) {
				return f.redraw(data)
			}
		}
	}
	return nil, errLogoKind
}

func (f rasterFormat) redraw(data []byte) ([]byte, error) {
	c, err := f.config(bytes.NewReader(data))
	if err != nil || c.Width < 1 || c.Height < 1 {
		return nil, errLogoBroke
	}
	if c.Width > logoSide || c.Height > logoSide || deep(c) && c.Width*c.Height > logoPixels {
		return nil, errLogoSize
	}
	from, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, errLogoBroke
	}
	var out bytes.Buffer
	if err := png.Encode(&out, shrink(from)); err != nil {
		return nil, fmt.Errorf("web: logo: %w", err)
	}
	return out.Bytes(), nil
}

// deep says whether a pixel takes twice the memory.
func deep(c image.Config) bool {
	for _, m := range []any{image.NewNRGBA64(image.Rectangle{}).ColorModel(), image.NewRGBA64(image.Rectangle{}).ColorModel()} {
		if c.ColorModel == m {
			return true
		}
	}
	return false
}

// shrink redraws a picture, at most logoKept pixels long.
func shrink(from image.Image) image.Image {
	size := from.Bounds().Size()
	if long := max(size.X, size.Y); long > logoKept {
		size = image.Pt(max(1, size.X*logoKept/long), max(1, size.Y*logoKept/long))
	}
	to := image.NewNRGBA(image.Rectangle{Max: size})
	draw.CatmullRom.Scale(to, to.Bounds(), from, from.Bounds(), draw.Src, nil)
	return to
}

// sentLogo is the picture of a form, redrawn. No field of the form beside it is read.
func sentLogo(r *http.Request) ([]byte, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, &problem{status: http.StatusBadRequest, key: "error.form", err: err}
	}
	for range fieldCount {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, tooLargeOrBroken(err)
		}
		if part.FormName() != logoField || part.FileName() == "" {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(part, logoBytes+1))
		if err != nil {
			return nil, tooLargeOrBroken(err)
		}
		return readLogo(data)
	}
	return nil, errLogoNone
}

func tooLargeOrBroken(err error) error {
	var size *http.MaxBytesError
	if errors.As(err, &size) {
		return errLogoSize
	}
	return &problem{status: http.StatusBadRequest, key: "error.form", err: err}
}

// logoProblem is the key of the sentence about a refused picture; "" for another error.
func logoProblem(err error) string {
	for _, known := range []error{errLogoKind, errLogoSize, errLogoBroke, errLogoNone} {
		if errors.Is(err, known) {
			return "settings.logo." + known.Error()
		}
	}
	return ""
}

// sendLogo answers with a picture of ours. Its address holds its hash, so a browser
// keeps it; what it keeps is for this person.
func sendLogo(w http.ResponseWriter, r *http.Request, picture []byte, hash string) {
	h := w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("ETag", `"`+hash+`"`)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-cache")
	if r.URL.Query().Get("v") == hash {
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == `"`+hash+`"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(picture) // the visitor may have gone
}
