package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/ui"
)

// undoable says that an import brought business data that can be taken away again.
func undoable(i store.Import) bool { return i.Ended() && i.Records > 0 && i.Undone.IsZero() }

// askUndo asks before what an import brought is taken away.
func (s *Server) askUndo(w http.ResponseWriter, r *http.Request) error {
	c, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	if !undoable(i) {
		return s.toImport(w, r)
	}
	l := s.locale(r)
	return s.render(w, r, http.StatusOK, cancelPage(cancelView{
		Page:   s.frame(r, c, pageImport, l.T("import.undo")),
		Head:   ui.Head{Eyebrow: fileNames(l, i.Names), Title: l.T("import.undo.title"), Lede: words(l.N("import.undo.text", int(i.Records)))},
		Action: importPath(i, "/undo"), Yes: l.T("import.undo.yes"), No: ui.Link{Label: l.T("import.undo.no"), URL: importPath(i, "")},
	}))
}

// undoImport takes away what an import brought, and puts back what it changed.
func (s *Server) undoImport(w http.ResponseWriter, r *http.Request) error {
	c, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	done, err := s.Store.UndoImport(r.Context(), c.Scope, i.ID)
	switch {
	case errors.Is(err, store.ErrNotUndoable): // in another window, or it runs
		return s.toImport(w, r)
	case err != nil:
		return fmt.Errorf("web: %w", err)
	}
	s.audit(r, "import.undo", fileNames(s.locale(r), i.Names), "community", c.Name, "removed", idText(done.Removed), "restored", idText(done.Restored))
	http.Redirect(w, r, importPath(i, ""), http.StatusSeeOther)
	return nil
}
