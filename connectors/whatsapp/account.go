package whatsapp

import (
	"strconv"

	"github.com/foyer-app/foyer/connectors"
)

// unknownRecord is what is kept of a delivery that means nothing here: calls,
// templates, preferences, and whatever comes to be.
type unknownRecord struct {
	Field string `json:"field"`
	Event string `json:"event,omitempty"`
	At    int64  `json:"at,omitempty"`
}

// unknown keeps that something came, under the number or the business account.
func (s *scrubber) unknown(e *entry, c *change, number string) {
	account := number
	if account == "" {
		account = owner(e, &c.Value)
	}
	u := unknownRecord{Field: word(c.Field), Event: word(c.Value.Event), At: e.Time.seconds()}
	// Its content is not kept, so it is known by the delivery and its place in it:
	// a redelivery has the same bytes.
	if s.print == "" {
		s.print = digestID(string(s.body))
	}
	s.place++
	s.parcel(account, kindUnknown, "u/"+s.print+"/"+strconv.Itoa(s.place), false, &u)
}

// owner is the business account that a change speaks of: partners get changes of
// their clients' accounts under their own id.
func owner(e *entry, v *value) string {
	if v.WABA.ID != "" {
		return short(string(v.WABA.ID), maxID)
	}
	return short(string(e.ID), maxID)
}

// account makes notices of what happened to the business account.
func (s *scrubber) account(e *entry, c *change) {
	if c.Field != "account_update" {
		return
	}
	n := connectors.Notice{Account: owner(e, &c.Value), Detail: word(c.Value.Event)}
	switch c.Value.Event {
	case "PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED", "ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED":
		n.Kind = connectors.NoticeRevoked
		if reason := word(c.Value.Disconnection.Reason); reason != "" {
			n.Detail = reason
		}
	case "ACCOUNT_RESTRICTION", "ACCOUNT_VIOLATION":
		n.Kind = connectors.NoticeDegrade
	case "DISABLED_UPDATE":
		n.Kind = connectors.NoticeDegrade
		if c.Value.Ban.State == "REINSTATE" {
			n.Kind = connectors.NoticeBack
		}
	case "ACCOUNT_RECONNECTED":
		n.Kind = connectors.NoticeBack
	default:
		return
	}
	s.out.Notices = append(s.out.Notices, n)
}
