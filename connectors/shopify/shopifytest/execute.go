package shopifytest

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

//go:embed schema.graphql
var schemaText string

// Schema is the part of the Admin API that this Shopify has.
func Schema() string { return schemaText }

func loadSchema() *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: schemaText})
}

// graphql answers one call.
func (s *Server) graphql(w http.ResponseWriter, r *http.Request) {
	f, faulty := s.fault("graphql")
	if faulty && broken(w, f) {
		s.log = append(s.log, Call{Status: http.StatusInternalServerError, Code: f.Kind})
		return
	}
	t := s.tokens[r.Header.Get("X-Shopify-Access-Token")]
	if t == nil || t.revoked || !t.expires.IsZero() && !s.now().Before(t.expires) {
		s.log = append(s.log, Call{Status: http.StatusUnauthorized})
		broken(w, Fault{Kind: "401"})
		return
	}
	if live := s.refreshes[t.refresh]; live == t {
		s.spend(t)
	}
	var call struct {
		Query     string
		Variables map[string]any
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &call) != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	out, code, name := s.run(r, t, call.Query, call.Variables, faulty && f.Kind == "throttled")
	s.log = append(s.log, Call{Operation: name, Variables: call.Variables, Status: http.StatusOK, Code: code})
	answer(w, http.StatusOK, out)
}

func failure(code, message string) object {
	return object{"errors": []any{object{"message": message, "extensions": object{"code": code}}}}
}

// run validates a query, charges for it and executes it.
func (s *Server) run(r *http.Request, t *token, query string, variables map[string]any, throttled bool) (out object, code, name string) {
	doc, problems := gqlparser.LoadQueryWithRules(s.schema, query, rules.NewDefaultRules())
	if len(problems) > 0 {
		return failure("undefinedField", problems.Error()), "invalid", ""
	}
	op := doc.Operations[0]
	vars, problem := validator.VariableValues(s.schema, op, variables)
	if problem != nil {
		return failure("INVALID_VARIABLE", problem.Error()), "invalid", op.Name
	}
	e := &executor{server: s, token: t, vars: vars, host: r.Host}
	want := e.cost(op.SelectionSet)
	if op.Operation == ast.Mutation {
		want = 10
	}
	if want > s.conf.MostCost {
		return failure("MAX_COST_EXCEEDED", fmt.Sprintf("Query cost is %v, which exceeds the single query max cost limit", want)), "MAX_COST_EXCEEDED", op.Name
	}
	s.refill()
	if throttled || want > s.bucket {
		out := failure("THROTTLED", "Throttled")
		out["extensions"] = s.charge(want, 0)
		return out, "THROTTLED", op.Name
	}
	s.World.mu.Lock()
	defer s.World.mu.Unlock()
	root := s.roots(e, op.Operation)
	data, err := e.selected(op.SelectionSet, root)
	if errors.Is(err, errDenied) {
		e.denied = []any{object{"message": "Access denied", "path": []any{"things"}, "extensions": object{"code": "ACCESS_DENIED"}}}
		data, err = object{"things": nil}, nil
	}
	if err != nil {
		return failure("BAD_REQUEST", err.Error()), "BAD_REQUEST", op.Name
	}
	out = object{"data": data, "extensions": s.charge(want, min(want, float64(e.spent)))}
	if len(e.denied) > 0 {
		out["errors"], code = e.denied, "ACCESS_DENIED"
	}
	return out, code, op.Name
}

func (s *Server) refill() {
	now := s.now()
	if d := now.Sub(s.filled).Seconds(); d > 0 {
		s.bucket = min(s.conf.Points, s.bucket+d*s.conf.Restore)
	}
	s.filled = now
}

func (s *Server) charge(want, actual float64) object {
	s.bucket -= actual
	return object{"cost": object{
		"requestedQueryCost": want, "actualQueryCost": actual,
		"throttleStatus": object{"maximumAvailable": s.conf.Points, "currentlyAvailable": s.bucket, "restoreRate": s.conf.Restore},
	}}
}

// executor answers one query.
type executor struct {
	server *Server
	token  *token
	vars   map[string]any
	host   string
	spent  int
	denied []any
	// sink takes what belongs to an object, in the file of a bulk operation; nil otherwise.
	sink func(parent string, f *ast.Field, conn pages) error
}

// selected is what is asked for of an object.
func (e *executor) selected(set ast.SelectionSet, o object) (object, error) {
	out := object{}
	e.spent++
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.InlineFragment:
			if o["__typename"] != sel.TypeCondition {
				continue
			}
			more, err := e.selected(sel.SelectionSet, o)
			if err != nil {
				return nil, err
			}
			for k, v := range more {
				out[k] = v
			}
		case *ast.Field:
			v, err := e.field(sel, o)
			if err != nil {
				return nil, err
			}
			if v != skip {
				out[sel.Alias] = v
			}
		default:
			return nil, fmt.Errorf("this Shopify knows no such selection")
		}
	}
	return out, nil
}

// skip is the value of a field that goes elsewhere.
var skip any = &struct{ int }{}

func (e *executor) field(f *ast.Field, o object) (any, error) {
	v, ok := o[f.Name]
	if !ok {
		return nil, fmt.Errorf("this Shopify has no %s", f.Name)
	}
	if hidden(f.Name) && e.server.conf.HideContacts {
		e.denied = append(e.denied, object{"message": "not approved", "path": []any{"things", "nodes", 0, f.Alias}, "extensions": object{"code": "ACCESS_DENIED"}})
		return nil, nil
	}
	switch call := v.(type) {
	case func([]any) []any: // nodes
		ids, _ := f.ArgumentMap(e.vars)["ids"].([]any)
		return e.value(f, call(ids))
	case pages:
		if e.sink != nil {
			return skip, e.sink(fmt.Sprint(o["id"]), f, call)
		}
		return e.called(f, call)
	case func(map[string]any) (object, error):
		return e.called(f, call)
	}
	return e.value(f, v)
}

func (e *executor) called(f *ast.Field, call func(map[string]any) (object, error)) (any, error) {
	args := f.ArgumentMap(e.vars)
	if n, ok := args["first"].(json.Number); ok {
		args["first"], _ = n.Int64()
	}
	if n, ok := args["first"].(float64); ok {
		args["first"] = int64(n)
	}
	if n, ok := args["first"].(int64); ok && e.server.conf.ShortPages > 0 {
		args["first"] = min(n, int64(e.server.conf.ShortPages))
	}
	got, err := call(args)
	if err != nil || got == nil {
		return nil, err
	}
	return e.value(f, got)
}

func (e *executor) value(f *ast.Field, v any) (any, error) {
	switch v := v.(type) {
	case object:
		if v == nil {
			return nil, nil
		}
		return e.selected(f.SelectionSet, v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			one, err := e.value(f, v[i])
			if err != nil {
				return nil, err
			}
			out[i] = one
		}
		return out, nil
	}
	return v, nil
}

// hidden says which fields are held back from an application that was not approved.
func hidden(name string) bool {
	switch name {
	case "email", "phone", "firstName", "lastName", "defaultEmailAddress", "defaultPhoneNumber":
		return true
	}
	return false
}

// cost is what a query may cost: an object a point, a page as many as it may hold.
func (e *executor) cost(set ast.SelectionSet) (total float64) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.InlineFragment:
			total += e.cost(sel.SelectionSet)
		case *ast.Field:
			if len(sel.SelectionSet) == 0 || sel.Definition.Type.Name() == "MoneyBag" {
				continue
			}
			inner := e.cost(sel.SelectionSet)
			if !slices.Contains([]string{"nodes", "edges", "node", "pageInfo"}, sel.Name) || sel.Definition.Type.Name() == "Node" {
				inner++
			}
			args := sel.ArgumentMap(e.vars)
			n := 1.0
			switch first := args["first"].(type) {
			case int64:
				n = float64(first)
			case json.Number:
				n, _ = first.Float64()
			case float64:
				n = first
			}
			if ids, ok := args["ids"].([]any); ok {
				n = float64(len(ids))
			}
			total += inner * n
		}
	}
	return total
}
