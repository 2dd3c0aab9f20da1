package whatsapptest

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// object answers for the account, its numbers and its groups. The order of the
// checks is that of the real one: the token, the limit, the object, the permission.
func (w *World) object(a *answer, r *http.Request, path string) {
	token := bearer(r)
	g := w.tokens[token]
	switch {
	case token == "":
		a.refuse(http.StatusUnauthorized, 104, 0, "OAuthException", "An access token is required to request this resource.")
		return
	case g == nil:
		a.refuse(http.StatusUnauthorized, 190, 0, "OAuthException", "Invalid OAuth access token - Cannot parse access token")
		return
	case !g.valid(w.o.Now()):
		a.refuse(http.StatusUnauthorized, 190, 463, "OAuthException", "Error validating access token: Session has expired.")
		return
	case w.overLimit(a):
		return
	}
	id, edge, _ := strings.Cut(path, "/")
	scope := w.scopeOf(id)
	if scope == "" {
		a.unsupported(r, id)
		return
	}
	if !slices.Contains(g.scopes, scope) {
		a.refuse(http.StatusForbidden, 200, 0, "OAuthException", "(#200) You do not have the necessary permissions: "+scope)
		return
	}
	body, ok := a.body(r)
	if !ok {
		return
	}
	switch key := r.Method + " /" + edge; {
	case id == w.owner:
		w.account(a, r, key)
	case w.number(id) != nil:
		w.phone(a, r, key, w.number(id), body)
	default:
		w.groupInfo(a, r, key, id)
	}
}

// overLimit counts a request and refuses it over the hourly limit.
func (w *World) overLimit(a *answer) bool {
	w.calls++
	if w.o.CallsPerHour == 0 {
		return false
	}
	usage := fmt.Sprintf(`{"%s":[{"type":"whatsapp_business_management","call_count":%d,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":%d}]}`,
		w.owner, min(100, 100*w.calls/w.o.CallsPerHour), 60*max(0, min(1, w.calls-w.o.CallsPerHour)))
	a.Header().Set("X-Business-Use-Case-Usage", usage)
	if w.calls <= w.o.CallsPerHour {
		return false
	}
	a.refuse(http.StatusBadRequest, 80008, 2446079, "OAuthException", "(#80008) There have been too many calls to this account.")
	return true
}

// scopeOf is the permission that an object asks for; empty when there is no such object.
func (w *World) scopeOf(id string) string {
	if id == w.owner || w.number(id) != nil {
		return Permissions()[0]
	}
	for _, g := range w.groups {
		if g.ID == id {
			return Permissions()[1]
		}
	}
	return ""
}

func (w *World) number(id string) *Number {
	for _, n := range w.numbers {
		if n.ID == id {
			return n
		}
	}
	return nil
}

// body reads the JSON of a request that has one.
func (a *answer) body(r *http.Request) (map[string]any, bool) {
	body := map[string]any{}
	if r.Method != http.MethodPost {
		return body, true
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		a.refuse(http.StatusBadRequest, 100, 0, "OAuthException", "(#100) The content type is not application/json")
		return nil, false
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil || json.Unmarshal(raw, &body) != nil {
		a.refuse(http.StatusBadRequest, 100, 0, "OAuthException", "(#100) The body is not JSON")
		return nil, false
	}
	return body, true
}

func (a *answer) unsupported(r *http.Request, id string) {
	a.refuse(http.StatusBadRequest, 100, 33, "GraphMethodException", "Unsupported "+strings.ToLower(r.Method)+" request. Object with ID '"+id+
		"' does not exist, cannot be loaded due to missing permissions, or does not support this operation.")
}

func (w *World) account(a *answer, r *http.Request, key string) {
	switch key {
	case "GET /":
		a.json(map[string]any{"id": w.owner, "name": "Account", "timezone_id": "1"})
	case "GET /phone_numbers":
		w.phones(a, r)
	case "GET /subscribed_apps":
		data := []any{}
		if w.subs {
			data = append(data, map[string]any{"whatsapp_business_api_data": map[string]any{
				"id": w.o.AppID, "name": "App", "link": "https://www.facebook.com/games/?app_id=" + w.o.AppID,
			}})
		}
		a.json(map[string]any{"data": data})
	case "POST /subscribed_apps":
		w.subs = true
		a.json(map[string]any{"success": true})
	case "DELETE /subscribed_apps":
		w.subs = false
		a.json(map[string]any{"success": true})
	default:
		a.unsupported(r, w.owner)
	}
}

// phones pages the numbers; the cursor is the place in the list.
func (w *World) phones(a *answer, r *http.Request) {
	q := r.URL.Query()
	limit := 25
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			a.refuse(http.StatusBadRequest, 100, 0, "OAuthException", "(#100) Param limit must be between 1 and 100")
			return
		}
		limit = n
	}
	from, _ := strconv.Atoi(q.Get("after")) // a foreign cursor begins anew
	list := slices.Clone(w.numbers)
	if q.Get("sort") == "last_onboarded_time.desc" {
		slices.Reverse(list)
	}
	from = min(max(from, 0), len(list))
	to := min(from+limit, len(list))
	data := []any{}
	for _, n := range list[from:to] {
		data = append(data, map[string]any{"id": n.ID, "display_phone_number": n.Shown, "verified_name": n.Name, "status": "LINKED"})
	}
	paging := map[string]any{"cursors": map[string]any{"before": strconv.Itoa(from), "after": strconv.Itoa(to)}}
	if to < len(list) {
		paging["next"] = "https://graph.facebook.com/v25.0/" + w.owner + "/phone_numbers?after=" + strconv.Itoa(to)
	}
	a.json(map[string]any{"data": data, "paging": paging})
}

func (w *World) phone(a *answer, r *http.Request, key string, n *Number, body map[string]any) {
	switch key {
	case "GET /":
		a.json(map[string]any{"id": n.ID, "display_phone_number": n.Shown, "verified_name": n.Name, "quality_rating": "GREEN", "code_verification_status": "VERIFIED"})
	case "GET /groups":
		groups := []any{}
		for _, g := range w.groups {
			if g.Number == n {
				groups = append(groups, map[string]any{"id": g.ID, "subject": g.Subject, "created_at": "1750269342"})
			}
		}
		a.json(map[string]any{"data": map[string]any{"groups": groups}})
	case "POST /smb_app_data":
		kind, _ := body["sync_type"].(string)
		switch {
		case body["messaging_product"] != "whatsapp":
			a.refuse(http.StatusBadRequest, 100, 0, "OAuthException", "(#100) The parameter messaging_product is required.")
		case !n.Coexistence:
			a.refuse(http.StatusBadRequest, 131000, 0, "OAuthException", "(#131000) The number is not in the WhatsApp Business app.")
		case kind != "history" && kind != "smb_app_state_sync":
			a.refuse(http.StatusBadRequest, 100, 0, "OAuthException", "(#100) Param sync_type is not valid.")
		default:
			if kind == "history" && w.o.Share {
				w.share(n)
			}
			a.json(map[string]any{"messaging_product": "whatsapp", "request_id": w.digits(16)})
		}
	default:
		a.unsupported(r, n.ID)
	}
}

func (w *World) groupInfo(a *answer, r *http.Request, key, id string) {
	for _, g := range w.groups {
		if g.ID != id || key != "GET /" {
			continue
		}
		var list []any
		for p := range g.members {
			list = append(list, p.participant())
		}
		a.json(map[string]any{
			"messaging_product": "whatsapp", "id": g.ID, "subject": g.Subject, "total_participant_count": len(g.members), "participants": list,
		})
		return
	}
	a.unsupported(r, id)
}
