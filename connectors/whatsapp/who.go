package whatsapp

import "strings"

// side is what the messages of one change share.
type side struct {
	number, shown string
	keep          bool
	contacts      map[string]*contact
	only          *contact // when there is one
}

// index finds contacts by id and number.
func (at *side) index(list []contact) {
	if len(list) == 1 {
		at.only = &list[0]
		return
	}
	if len(list) == 0 {
		return
	}
	at.contacts = make(map[string]*contact, 2*len(list))
	for i := range list {
		c := &list[i]
		if c.User != "" {
			at.contacts[c.User] = c
		}
		if phone := c.Phone.digits(); phone != "" {
			at.contacts[phone] = c
		}
	}
}

// person joins what a message and its contact tell; nil when neither names anybody.
func (at *side) person(user string, number loose) *person {
	phone := number.digits()
	if phone == "" && user == "" && strings.Contains(string(number), ".") {
		user = string(number) // an id in the place of a number
	}
	c := at.only
	switch {
	case c == nil:
		if c = at.contacts[user]; c == nil {
			c = at.contacts[phone]
		}
	case user != "" && c.User != "" && user != c.User, user == "" && phone != "" && c.Phone.digits() != phone:
		c = nil // of somebody else
	}
	p := person{User: userID(user), Phone: phone}
	if c != nil {
		if p.User == "" {
			p.User = userID(c.User)
		}
		if p.Phone == "" {
			p.Phone = c.Phone.digits()
		}
		p.Name, p.Handle = short(c.Profile.Name, maxName), short(c.Profile.Username, maxWord)
	}
	if !p.known() {
		return nil
	}
	return &p
}

// userID bounds an id of a person.
func userID(id string) string {
	if id = short(id, maxID+1); len(id) > maxID {
		return digestHex(id)
	}
	return id
}
