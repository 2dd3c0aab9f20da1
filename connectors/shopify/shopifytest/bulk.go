package shopifytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// bulk is a bulk operation: what it found lies in a file when it is ready.
type bulk struct {
	id, status string
	polls      int
	file       []byte
	things     int
}

// bulkOf tells how an operation stands; each time it is asked it gets on.
func (s *Server) bulkOf(e *executor, id any) object {
	b := s.bulks[fmt.Sprint(id)]
	if b == nil {
		return nil
	}
	switch {
	case b.status == "FAILED":
	case b.polls <= 0:
		b.status = "COMPLETED"
	default:
		b.polls--
		b.status = "RUNNING"
	}
	out := object{
		"id": b.id, "status": b.status, "errorCode": nil, "objectCount": fmt.Sprint(b.things), "fileSize": nil, "url": nil,
	}
	if b.status == "FAILED" {
		out["errorCode"] = "INTERNAL_SERVER_ERROR"
	}
	if b.status == "COMPLETED" && len(b.file) > 0 {
		out["fileSize"] = fmt.Sprint(len(b.file))
		out["url"] = "http://" + e.host + "/files/" + b.id[strings.LastIndex(b.id, "/")+1:] + ".jsonl?signature=hush"
	}
	return out
}

// runBulk begins one: the file is made at once, and shown later.
func (s *Server) runBulk(e *executor, query string, grouped bool) (*bulk, error) {
	doc, problems := gqlparser.LoadQueryWithRules(s.schema, query, rules.NewDefaultRules())
	if len(problems) > 0 {
		return nil, errors.New(problems.Error())
	}
	if err := bulkRules(doc.Operations[0].SelectionSet); err != nil {
		return nil, err
	}
	if !grouped {
		return nil, errors.New("this Shopify wants things grouped")
	}
	s.made++
	b := &bulk{id: gid("BulkOperation", int64(s.made)), status: "CREATED", polls: s.conf.BulkPolls}
	if f, ok := s.fault("bulk"); ok && f.Kind == "failed" {
		b.status = "FAILED"
	}
	var file bytes.Buffer
	root, _ := doc.Operations[0].SelectionSet[0].(*ast.Field)
	connection, _ := s.roots(e, ast.Query)[root.Name].(pages)
	if err := s.fill(e, b, &file, "", root, connection); err != nil {
		return nil, err
	}
	b.file = file.Bytes()
	s.bulks[b.id] = b
	return b, nil
}

// fill writes what a connection holds, each thing followed by what belongs to it.
func (s *Server) fill(e *executor, b *bulk, file *bytes.Buffer, parent string, f *ast.Field, conn pages) error {
	node, err := nodeOf(f)
	if err != nil {
		return err
	}
	for after := ""; ; {
		args := map[string]any{"first": int64(250)}
		if after != "" {
			args["after"] = after
		}
		page, err := conn(args)
		if err != nil {
			return err
		}
		nodes, _ := page["nodes"].([]any)
		for _, n := range nodes {
			var parts bytes.Buffer
			inner := &executor{server: s, token: e.token, vars: e.vars, host: e.host}
			inner.sink = func(id string, f *ast.Field, conn pages) error { return s.fill(e, b, &parts, id, f, conn) }
			o, _ := n.(object)
			line, err := inner.selected(node.SelectionSet, o)
			if err != nil {
				return err
			}
			if parent != "" {
				line["__parentId"] = parent
			}
			text, err := json.Marshal(line)
			if err != nil {
				return err
			}
			file.Write(text)
			file.WriteByte('\n')
			file.Write(parts.Bytes())
			b.things++
		}
		info, _ := page["pageInfo"].(object)
		if info["hasNextPage"] != true {
			return nil
		}
		after, _ = info["endCursor"].(string)
	}
}

// nodeOf is the node of a connection's edges.
func nodeOf(f *ast.Field) (*ast.Field, error) {
	for _, name := range []string{"edges", "node"} {
		var next *ast.Field
		for _, sel := range f.SelectionSet {
			if field, ok := sel.(*ast.Field); ok && field.Name == name {
				next = field
			}
		}
		if f = next; f == nil {
			return nil, errors.New("a connection must be asked for its edges and nodes")
		}
	}
	return f, nil
}

// bulkRules are what Shopify wants of a bulk query.
func bulkRules(set ast.SelectionSet) error {
	if len(set) != 1 {
		return errors.New("one field at the top")
	}
	connections := 0
	var walk func(set ast.SelectionSet, depth int, inList bool) error
	walk = func(set ast.SelectionSet, depth int, inList bool) error {
		for _, sel := range set {
			f, ok := sel.(*ast.Field)
			if !ok || len(f.SelectionSet) == 0 {
				continue
			}
			t := f.Definition.Type
			depth, list := depth, inList || t.Elem != nil && f.Name != "edges"
			if strings.HasSuffix(t.Name(), "Connection") {
				connections++
				depth++
				node, err := nodeOf(f)
				switch {
				case err != nil:
					return err
				case inList:
					return errors.New("queries that contain a connection field within a list field are not currently supported")
				case depth > 2 || connections > 5:
					return errors.New("too many connections")
				case !asksID(node):
					return errors.New("a connection without the id of its nodes")
				}
			}
			if err := walk(f.SelectionSet, depth, list); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(set, 0, false); err != nil {
		return err
	}
	if connections == 0 {
		return errors.New("at least one connection")
	}
	return nil
}

func asksID(f *ast.Field) bool {
	for _, sel := range f.SelectionSet {
		if field, ok := sel.(*ast.Field); ok && field.Name == "id" {
			return true
		}
	}
	return false
}

// file serves the file of an operation, from anywhere on. It takes no token.
func (s *Server) file(w http.ResponseWriter, r *http.Request, name string) {
	b := s.bulks["gid://shopify/BulkOperation/"+strings.TrimSuffix(name, ".jsonl")]
	if b == nil || r.URL.Query().Get("signature") != "hush" || r.Header.Get("X-Shopify-Access-Token") != "" || r.Header.Get("Authorization") != "" {
		http.Error(w, "<Error><Code>AccessDenied</Code></Error>", http.StatusForbidden)
		return
	}
	f, faulty := s.fault("file")
	if faulty && broken(w, f) {
		return
	}
	if faulty && f.Kind == "cut" {
		w.Header().Set("Content-Length", fmt.Sprint(len(b.file)))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(b.file[:min(f.Bytes, len(b.file))])
		if flush, ok := w.(http.Flusher); ok {
			flush.Flush()
		}
		panic(http.ErrAbortHandler) // the connection breaks
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b.file))
}
