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
	say := func(kind connectors.NoticeKind, detail string) {
		s.out.Notices = append(s.out.Notices, connectors.Notice{Account: owner(e, &c.Value), Kind: kind, Detail: detail})
	}
	switch c.Value.Event {
	case "PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED", "ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED":
		why := word(c.Value.Event)
		if reason := word(c.Value.Disconnection.Reason); reason != "" {
			why = reason
		}
		say(connectors.NoticeRevoked, why)
	case "ACCOUNT_RESTRICTION":
		say(connectors.NoticeDegrade, restricted)
	case "ACCOUNT_VIOLATION":
		say(connectors.NoticeDegrade, violation)
	case "DISABLED_UPDATE":
		if c.Value.Ban.State == "REINSTATE" {
			say(connectors.NoticeRestore, disabled)
			say(connectors.NoticeBack, "")
			return
		}
		say(connectors.NoticeDegrade, disabled)
	case "ACCOUNT_RECONNECTED":
		say(connectors.NoticeBack, "")
	}
}

// What a business account can lack, in Notice.Detail.
const (
	restricted = "account_restriction"
	violation  = "account_violation"
	disabled   = "disabled_update"
	declined   = "history_declined" // the business does not share its history
)
