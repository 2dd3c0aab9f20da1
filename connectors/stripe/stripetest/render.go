package stripetest

import (
	"strings"
)

// object is one of Stripe's, as it is kept. A field whose value is an id can be
// expanded; one whose name begins with "+" is sent only when it is.
type object struct {
	kind         string // the path of its list
	fields       map[string]any
	subscription string // that it belongs to, for the filters
}

func (o *object) id() string { return o.fields["id"].(string) }

func (o *object) created() int64 {
	n, _ := o.fields["created"].(int64)
	return n
}

// deep is how many levels Stripe expands.
const deep = 4

// render is an object as it is sent. prefix is what expand's paths begin with: "data." in a list.
func (w *World) render(o *object, expand []string, prefix string) (map[string]any, *refusal) {
	out := plain(o.fields).(map[string]any)
	for _, path := range expand {
		rest, ok := strings.CutPrefix(path, prefix)
		if !ok || strings.Count(path, ".") >= deep {
			return nil, invalid("You cannot expand %s", path)
		}
		if !w.expand(out, o.fields, strings.Split(rest, ".")) {
			return nil, invalid("This property cannot be expanded (%s)", path)
		}
	}
	return out, nil
}

// plain copies a value without the fields that are not sent.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			if !strings.HasPrefix(k, "+") {
				out[k] = plain(x)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	}
	return v
}

// expand replaces what lies at a path; false when nothing there can be. source is
// what out was copied from.
func (w *World) expand(out, source map[string]any, path []string) bool {
	name := path[0]
	if hidden, ok := source["+"+name]; ok {
		if _, done := out[name]; !done {
			out[name] = plain(hidden)
		}
		return len(path) == 1 || w.into(out[name], hidden, path[1:])
	}
	value, ok := out[name]
	if !ok {
		return false
	}
	switch v := value.(type) {
	case nil:
		return true
	case string:
		target := w.objects[v]
		if target == nil {
			return false
		}
		full := plain(target.fields).(map[string]any)
		out[name] = full
		return len(path) == 1 || w.expand(full, target.fields, path[1:])
	case []any:
		return w.each(v, source[name], path[1:])
	case map[string]any:
		if len(path) == 1 {
			_, can := v["id"]
			return can // expanded before
		}
		return w.into(v, source[name], path[1:])
	}
	return false
}

// into goes on below a value that is there already.
func (w *World) into(value, source any, path []string) bool {
	v, ok := value.(map[string]any)
	if !ok {
		return false
	}
	from, ok := source.(map[string]any)
	if !ok { // it was an id, and is expanded now
		id, _ := v["id"].(string)
		if o := w.objects[id]; o != nil {
			from = o.fields
		}
	}
	return w.expand(v, from, path)
}

// each expands in every element of a list.
func (w *World) each(list []any, source any, path []string) bool {
	from, _ := source.([]any)
	for i := range list {
		switch v := list[i].(type) {
		case string:
			target := w.objects[v]
			if target == nil {
				return false
			}
			full := plain(target.fields).(map[string]any)
			list[i] = full
			if len(path) > 0 && !w.expand(full, target.fields, path) {
				return false
			}
		default:
			if len(path) == 0 {
				continue
			}
			if i >= len(from) || !w.into(v, from[i], path) {
				return false
			}
		}
	}
	return true
}
