// Package stripetest is a Stripe for tests and the demo: a small world with its
// truth, and its API as strict as the real one.
package stripetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Version is the API version that requests must name.
const Version = "2026-03-25.dahlia"

// Config is the key that is good, and how this Stripe behaves.
type Config struct {
	Key string // empty: DefaultKey
	// Without are resources that the key may not use, by the first part of their
	// path: "disputes", "webhook_endpoints", "account".
	Without []string
	// PerSecond limits requests by the world's clock; 0: no limit.
	PerSecond int
	// MaxPage bounds pages below what is asked for, to make many of little; 0: not.
	MaxPage int
	Private bool // addresses of webhooks that are not public are refused
}

// DefaultKey is the restricted key of a world unless a Config says another.
const DefaultKey = "rk_test_51FoyerAtelier0000000000000001"

// Server is Stripe's address. It is an http.Handler.
type Server struct {
	World *World
	mu    sync.Mutex
	conf  Config
	fault []Fault
	calls []Call
	count map[int64]int // requests by second
	gone  bool          // the key was withdrawn
}

// Call is one request.
type Call struct {
	Method, Path string
	Query        url.Values
	Status       int
}

// NewServer returns Stripe for a world.
func NewServer(w *World, c Config) *Server {
	if c.Key == "" {
		c.Key = DefaultKey
	}
	return &Server{World: w, conf: c, count: map[int64]int{}}
}

// Calls are the requests so far.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Configure changes how this Stripe behaves from now on.
func (s *Server) Configure(change func(*Config)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.conf)
}

// Revoke withdraws the key.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
}

// refusal is an error of the API.
type refusal struct {
	status        int
	code, message string
}

func invalid(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, "parameter_invalid", fmt.Sprintf(format, args...)}
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.broken(w, r) {
		return
	}
	var answer any
	query, no := s.admit(r)
	if no == nil {
		answer, no = s.World.answer(r.Method, strings.TrimPrefix(r.URL.Path, "/v1/"), query, s.settings())
	}
	code := http.StatusOK
	if no != nil {
		code = no.status
		answer = map[string]any{"error": map[string]any{"type": "invalid_request_error", "code": no.code, "message": no.message}}
	}
	s.note(r, query, code)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_test")
	w.Header().Set("Stripe-Version", Version)
	if code == http.StatusTooManyRequests {
		w.Header().Set("Stripe-Rate-Limited-Reason", "global-rate")
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer) // the client may be gone
}

func (s *Server) settings() Config {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conf
}

func (s *Server) note(r *http.Request, query url.Values, code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.calls) < 200_000 {
		s.calls = append(s.calls, Call{r.Method, strings.TrimPrefix(r.URL.Path, "/v1/"), query, code})
	}
}

// admit checks key, version, rate and rights, and reads the parameters.
func (s *Server) admit(r *http.Request) (url.Values, *refusal) {
	if r.ParseForm() != nil {
		return nil, invalid("Invalid form")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	now := s.World.Now().Unix()
	resource, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	s.count[now]++
	switch {
	case key != s.conf.Key || s.gone:
		return r.Form, &refusal{http.StatusUnauthorized, "", "Invalid API Key provided: " + key[:min(len(key), 8)] + "****"}
	case r.Header.Get("Stripe-Version") != Version:
		return r.Form, invalid("Invalid Stripe API version")
	case s.conf.PerSecond > 0 && s.count[now] > s.conf.PerSecond:
		return r.Form, &refusal{http.StatusTooManyRequests, "rate_limit", "Too many requests"}
	case slices.Contains(s.conf.Without, resource):
		return r.Form, &refusal{http.StatusForbidden, "", "The provided key 'rk_test_****' does not have the required permissions for this endpoint on account '" + Account + "'."}
	case r.Method == http.MethodPost && r.URL.RawQuery != "":
		return r.Form, invalid("Parameters of a POST go into its body")
	}
	return r.Form, nil
}

// lists are the parameters of each list beside limit, starting_after,
// ending_before and expand. Those in brackets take keys.
var lists = map[string][]string{
	"customers":          {"created[]", "email"},
	"subscriptions":      {"created[]", "customer", "price", "status"},
	"subscription_items": {"subscription!"},
	"invoices":           {"created[]", "customer", "status", "subscription"},
	"invoice_payments":   {"created[]", "invoice", "payment[]", "status"},
	"charges":            {"created[]", "customer", "payment_intent"},
	"refunds":            {"created[]", "charge", "payment_intent"},
	"disputes":           {"created[]", "charge", "payment_intent"},
	"credit_notes":       {"created[]", "customer", "invoice"},
	"coupons":            {"created[]"},
	"promotion_codes":    {"active", "code", "created[]"},
	"checkout/sessions":  {"created[]", "customer", "payment_intent", "status"},
	"events":             {"created[]", "type", "types[]"},
	"webhook_endpoints":  {},
}

// answer gives what a request is answered with.
func (w *World) answer(method, path string, q url.Values, conf Config) (any, *refusal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if path == "account" && method == http.MethodGet {
		return w.account(), nil
	}
	if strings.HasPrefix(path, "webhook_endpoints") && method != http.MethodGet {
		return w.endpoint(method, path, q, conf)
	}
	unknown := &refusal{http.StatusNotFound, "", "Unrecognized request URL"}
	if method != http.MethodGet {
		return nil, unknown
	}
	if params, ok := lists[path]; ok {
		return w.list(path, params, q, conf)
	}
	cut := strings.LastIndexByte(path, '/')
	if cut < 0 || lists[path[:cut]] == nil {
		return nil, unknown
	}
	if no := known(q, nil, false); no != nil {
		return nil, no
	}
	o := w.objects[path[cut+1:]]
	if o == nil || o.kind != path[:cut] {
		return nil, &refusal{http.StatusNotFound, "resource_missing", "No such object"}
	}
	return w.render(o, q["expand[]"], "")
}

// known refuses parameters that an endpoint does not have.
func known(q url.Values, params []string, paged bool) *refusal {
	for _, name := range slices.Sorted(maps.Keys(q)) {
		base, _, keyed := strings.Cut(name, "[")
		switch {
		case name == "expand[]", paged && slices.Contains([]string{"limit", "starting_after", "ending_before"}, name):
		case slices.Contains(params, base) && !keyed, slices.Contains(params, base+"!") && !keyed, slices.Contains(params, base+"[]") && keyed:
		default:
			return &refusal{http.StatusBadRequest, "parameter_unknown", "Received unknown parameter: " + name}
		}
	}
	for _, p := range params {
		if name, must := strings.CutSuffix(p, "!"); must && q.Get(name) == "" {
			return invalid("Missing required param: %s", name)
		}
	}
	return nil
}

// list answers one page, the newest first.
func (w *World) list(path string, params []string, q url.Values, conf Config) (any, *refusal) {
	if no := known(q, params, true); no != nil {
		return nil, no
	}
	limit := 10
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			return nil, invalid("limit must be between 1 and 100")
		}
		limit = n
	}
	if conf.MaxPage > 0 {
		limit = min(limit, conf.MaxPage)
	}
	if len(q["types[]"]) > 20 {
		return nil, invalid("types: at most 20")
	}
	var found []*object
	after, started := q.Get("starting_after"), q.Get("starting_after") == ""
	for _, o := range slices.Backward(w.sorted(path)) {
		if started && w.matches(o, q) {
			found = append(found, o)
		}
		started = started || o.id() == after
	}
	if !started {
		return nil, &refusal{http.StatusBadRequest, "resource_missing", "No such object: " + after}
	}
	page := map[string]any{"object": "list", "url": "/v1/" + path, "has_more": len(found) > limit}
	data := []any{}
	for _, o := range found[:min(len(found), limit)] {
		v, no := w.render(o, q["expand[]"], "data.")
		if no != nil {
			return nil, no
		}
		data = append(data, v)
	}
	page["data"] = data
	return page, nil
}

// matches says whether an object is among those that are asked for.
func (w *World) matches(o *object, q url.Values) bool {
	for name := range q {
		value := q.Get(name)
		at, _ := strconv.ParseInt(value, 10, 64)
		ok := true
		switch name {
		case "created[gte]":
			ok = o.created() >= at
		case "created[gt]":
			ok = o.created() > at
		case "created[lt]":
			ok = o.created() < at
		case "created[lte]":
			ok = o.created() <= at
		case "status":
			got, _ := o.fields["status"].(string)
			ok = got == value || value == "all" || value == "ended" && (got == "canceled" || got == "incomplete_expired")
		case "types[]":
			got, _ := o.fields["type"].(string)
			ok = slices.Contains(q["types[]"], got)
		case "subscription":
			ok = o.subscription == value
		case "payment[payment_intent]":
			ok = o.fields["payment"].(map[string]any)["payment_intent"] == any(value)
		case "customer", "charge", "invoice", "payment_intent", "email", "code", "type":
			ok = o.fields[name] == value
		}
		if !ok {
			return false
		}
	}
	// Without a status, subscriptions that have ended are not listed.
	return o.kind != "subscriptions" || q.Get("status") != "" || o.fields["status"] != "canceled"
}
