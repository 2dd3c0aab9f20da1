package shopify

import (
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// customer is what is asked for and kept of a customer, in GraphQL's shape.
type customer struct {
	ID                  string `json:"id"`
	FirstName           string `json:"firstName,omitempty"`
	LastName            string `json:"lastName,omitempty"`
	CreatedAt           string `json:"createdAt,omitempty"`
	UpdatedAt           string `json:"updatedAt,omitempty"`
	State               string `json:"state,omitempty"`
	VerifiedEmail       bool   `json:"verifiedEmail,omitempty"`
	DefaultEmailAddress struct {
		EmailAddress string `json:"emailAddress,omitempty"`
	} `json:"defaultEmailAddress,omitzero"`
	DefaultPhoneNumber struct {
		PhoneNumber string `json:"phoneNumber,omitempty"`
	} `json:"defaultPhoneNumber,omitzero"`
	DefaultAddress address `json:"defaultAddress,omitzero"`
}

func readCustomer[T any](body []byte, toCustomer func(T) customer) (b community.Business, err error) {
	var raw T
	if err := decode(body, &raw); err != nil {
		return b, err
	}
	c := toCustomer(raw)
	out := community.Customer{
		ExternalID: id(c.ID), Revision: revision(c.UpdatedAt),
		Contact: community.Contact{
			Name: clean(clean(c.FirstName) + " " + clean(c.LastName)), Emails: some(c.DefaultEmailAddress.EmailAddress),
			Phones: some(c.DefaultPhoneNumber.PhoneNumber), Country: country(c.DefaultAddress.CountryCodeV2),
			City: clean(c.DefaultAddress.City), Company: clean(c.DefaultAddress.Company),
		},
	}
	if out.ExternalID == "" {
		return b, refused(connectors.ReasonNoID, "")
	}
	if out.Created, err = when(c.CreatedAt); err != nil {
		return b, err
	}
	// An address counts as verified for Shopify when an employee typed it: only an
	// account that its owner has opened proves it.
	out.Contact.Verified = c.VerifiedEmail && strings.EqualFold(c.State, "enabled") && len(out.Contact.Emails) > 0
	b.Customers = []community.Customer{out}
	return b, nil
}

// gone is a thing that was deleted, or somebody who is to be forgotten.
type gone struct {
	ID string `json:"id"`
	// How orders of somebody without an account are found.
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

func readOrderDeleted(body []byte) (b community.Business, err error) {
	var g gone
	if err := decode(body, &g); err != nil {
		return b, err
	}
	if id(g.ID) == "" {
		return b, refused(connectors.ReasonNoID, "")
	}
	b.Orders = []community.Order{{ExternalID: id(g.ID), Deleted: true, Revision: community.Tombstone}}
	return b, nil
}

// orderPrefix begins the id of somebody without an account who is to be
// forgotten; the number of an order of theirs follows.
const orderPrefix = "order/"

// lastRevision is that of somebody who is to be forgotten: no version comes after it.
const lastRevision = 253402300799000 // the end of the year 9999

func readErasure(body []byte) (b community.Business, err error) {
	var g gone
	if err := decode(body, &g); err != nil {
		return b, err
	}
	number, guest := strings.CutPrefix(g.ID, orderPrefix)
	who := id(number)
	if who == "" {
		return b, refused(connectors.ReasonNoID, "")
	}
	if guest {
		who = orderPrefix + who
	}
	b.Customers = []community.Customer{{
		ExternalID: who, Erase: true, Revision: lastRevision,
		Contact: community.Contact{Emails: some(g.Email), Phones: some(g.Phone)},
	}}
	return b, nil
}

// merge says that one customer became another.
type merge struct {
	Kept    string `json:"admin_graphql_api_customer_kept_id"`
	Deleted string `json:"admin_graphql_api_customer_deleted_id"`
	Status  string `json:"status"`
}

// done says that the merging has ended well: others are announced too.
func (m merge) done() bool {
	switch strings.ToLower(m.Status) {
	case "completed", "succeeded", "success", "":
		return true
	}
	return false
}

// readMerge gives the one who stays, with the other as an alias and nothing else.
// What else changed comes by itself.
func readMerge(body []byte) (b community.Business, err error) {
	var m merge
	if err := decode(body, &m); err != nil {
		return b, err
	}
	kept, deleted := id(m.Kept), id(m.Deleted)
	if kept == "" || deleted == "" || kept == deleted {
		return b, refused(connectors.ReasonNoID, "")
	}
	if m.done() {
		b.Customers = []community.Customer{{ExternalID: kept, Aliases: []string{deleted}}}
	}
	return b, nil
}
