// Package whatsapptest plays WhatsApp Business on the loopback: a strict Graph API,
// a world of people who write, and a sender that signs and delivers what they do
// as the platform does: in batches, again, and out of order. It serves tests and
// the demo, so nothing here needs a test to run.
package whatsapptest

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Options are what the platform knows of the application, all of them required
// but the last five.
type Options struct {
	AppID       string
	AppSecret   string
	VerifyToken string
	ConfigID    string
	// Redirect is where the dialog sends the visitor with the code, in place of the
	// page script of the real one. Empty: the dialog refuses.
	Redirect string
	Now      func() time.Time // the clock of the world; nil means the real one
	Seed     uint64           // of ids and of everything that is left to chance
	// CallsPerHour is the limit of requests for one account; 0 means none.
	CallsPerHour int
	// Share tells what was said in the app as soon as it is asked for; without it a
	// test does by History.
	Share bool
}

// World is the platform: one business account, its numbers, and the people who
// write to them. All methods can be called at once.
type World struct {
	mu      sync.Mutex
	o       Options
	random  *rand.Rand
	owner   string
	numbers []*Number
	people  []*Person
	groups  []*Group
	words   map[string]*post // by message id
	given   map[string]bool  // reactions that stand, by message and giver
	joins   int
	leaves  int
	pending []update
	tokens  map[string]*grant
	codes   map[string]string // code → number id
	subs    bool
	calls   int
	faults  []Fault
	serial  int
}

// Number is a telephone number of the business.
type Number struct {
	ID, Shown, Name string
	Coexistence     bool // it stays in the WhatsApp Business app: echoes and history
}

// Person is somebody who writes. The fields are read only.
type Person struct {
	User, Phone, Name, Username string
	// Hidden people have a username: deliveries leave their number out.
	Hidden bool
	wrote  bool
}

// Group is a group made through the API.
type Group struct {
	ID, Subject string
	Number      *Number
	members     map[*Person]bool
}

// post is a message that stands or was revoked.
type post struct {
	id      string
	number  *Number
	group   *Group
	by      *Person // nil for the business
	to      *Person // of the business, in a conversation
	at      time.Time
	text    string
	revoked bool
	placed  bool // of the history
}

// New returns a world with a business account and nobody in it.
func New(o Options) *World {
	if o.Now == nil {
		o.Now = time.Now
	}
	w := &World{
		o: o, random: rand.New(rand.NewPCG(o.Seed, 0x77a)), words: map[string]*post{}, given: map[string]bool{},
		tokens: map[string]*grant{}, codes: map[string]string{},
	}
	w.owner = w.digits(15)
	return w
}

// Owner is the id of the business account.
func (w *World) Owner() string { return w.owner }

// AddNumber gives the business a number.
func (w *World) AddNumber(name, shown string) *Number {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := &Number{ID: w.digits(15), Name: name, Shown: shown}
	w.numbers = append(w.numbers, n)
	return n
}

// AddPerson adds somebody who has written nothing yet. With a username the
// number is hidden.
func (w *World) AddPerson(name, username string) *Person {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &Person{User: "FR." + w.digits(20), Phone: "336" + w.digits(8), Name: name, Username: username, Hidden: username != ""}
	w.people = append(w.people, p)
	return p
}

// digits returns an id; the first digit is not 0.
func (w *World) digits(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = '0' + byte(w.random.IntN(10))
	}
	if out[0] == '0' {
		out[0] = '1'
	}
	return string(out)
}

// messageID makes an id as the platform's are: it holds the other side's number.
func (w *World) messageID(phone string, sent bool) string {
	w.serial++
	direction := byte(0x12)
	if sent {
		direction = 0x11
	}
	raw := append([]byte{0x1C, 0x18, byte(len(phone))}, phone...)
	raw = append(raw, 0x15, 0x02, 0x00, direction, 0x18, 0x14)
	raw = append(raw, fmt.Sprintf("3A%012X%06X", w.random.Uint64()>>16, w.serial)...)
	return "wamid." + base64.StdEncoding.EncodeToString(append(raw, 0))
}
