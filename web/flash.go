package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// flashCookie carries what is said once on the page after a form.
const flashCookie = "flash"

// flash is a sentence of the catalogue and the rows that it is about.
type flash struct {
	key string
	ids []int64
}

// setFlash says it on the next page below path.
func setFlash(w http.ResponseWriter, r *http.Request, path string, f flash) {
	parts := []string{f.key}
	for _, id := range f.ids {
		parts = append(parts, strconv.FormatInt(id, 10))
	}
	http.SetCookie(w, &http.Cookie{
		Name: flashCookie, Value: strings.Join(parts, "."), Path: path, MaxAge: int(time.Minute / time.Second),
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

// takeFlash returns what is to be said, once; the zero value when there is nothing.
// The cookie is foreign input: the key is only good for comparing.
func takeFlash(w http.ResponseWriter, r *http.Request, path string) flash {
	value := cookie(r, flashCookie)
	if value == "" {
		return flash{}
	}
	http.SetCookie(w, &http.Cookie{Name: flashCookie, Path: path, MaxAge: -1, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode})
	parts := strings.Split(value, ".")
	f := flash{key: parts[0]}
	for _, p := range parts[1:] {
		if id, err := strconv.ParseInt(p, 10, 64); err == nil && len(f.ids) < peoplePerPage {
			f.ids = append(f.ids, id)
		}
	}
	return f
}
