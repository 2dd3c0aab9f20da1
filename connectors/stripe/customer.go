package stripe

import (
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

type customer struct {
	ID      string `json:"id"`
	Created int64  `json:"created,omitempty"`
	Deleted bool   `json:"deleted,omitempty"`
	Company string `json:"business_name,omitempty"`
	person
}

// normalize takes the deletion of a customer for the wish that what is personal
// goes: Stripe keeps nothing of it either.
func (c *customer) normalize(revision int64, out *community.Business) error {
	if external(c.ID) == "" {
		return refused(connectors.ReasonNoID, "")
	}
	to := community.Customer{ExternalID: external(c.ID), Created: moment(c.Created), Revision: revision, Erase: c.Deleted}
	if !c.Deleted {
		to.Contact = c.contact()
		to.Contact.Company = clean(c.Company)
	}
	out.Customers = append(out.Customers, to)
	return nil
}

func (p person) contact() community.Contact {
	c := community.Contact{Name: clean(p.Name)}
	if s := clean(p.Email); s != "" {
		c.Emails = []string{s}
	}
	if s := clean(p.Phone); s != "" {
		c.Phones = []string{s}
	}
	if p.Address != nil {
		c.City, c.Country = clean(p.Address.City), country(p.Address.Country)
	}
	return c
}

// country is a code of two letters, or nothing.
func country(s string) string {
	s = strings.ToUpper(clean(s))
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return ""
	}
	return s
}
