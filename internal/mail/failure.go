package mail

import (
	"fmt"
	"strings"
)

// Step is where sending stopped.
type Step string

// The steps of sending, in their order.
const (
	Compose   Step = "compose"   // the message itself: an address, a header
	Connect   Step = "connect"   // reaching the server
	Secure    Step = "secure"    // TLS
	SignIn    Step = "sign in"   // user and password
	Sender    Step = "sender"    // the server judges the sender
	Recipient Step = "recipient" // the server judges the recipient
	Content   Step = "content"   // the server takes the text
)

// PermanentError says that this message cannot be sent, however often one tries: the server refused it for good, or an
// address is none. It never holds the server's words, which may repeat addresses.
type PermanentError struct {
	Step     Step
	Code     int    // the server's reply, 500 to 599; 0 when no server was asked
	Enhanced string // its enhanced code such as "5.1.1"; often empty
	Reason   string // why, when no server was asked
}

func (e *PermanentError) Error() string {
	return "mail: " + describe(e.Step, e.Code, e.Enhanced, e.Reason)
}

// TemporaryError says that the message may pass later: the server is away, busy, or does not know our password. The last
// is about the setting, not about the message, so it keeps messages waiting until someone mends it.
type TemporaryError struct {
	Step     Step
	Code     int // the server's reply; 0 when it did not answer
	Enhanced string
	cause    error
}

func (e *TemporaryError) Error() string {
	reason := ""
	if e.cause != nil {
		reason = e.cause.Error()
	}
	return "mail: " + describe(e.Step, e.Code, e.Enhanced, reason)
}

// Unwrap returns the failure of the network or the end of the context, if that was the reason.
func (e *TemporaryError) Unwrap() error { return e.cause }

func describe(step Step, code int, enhanced, reason string) string {
	var b strings.Builder
	b.WriteString(string(step))
	if code != 0 {
		fmt.Fprintf(&b, ": refused with %d", code)
	}
	if enhanced != "" {
		b.WriteString(" " + enhanced)
	}
	if reason != "" {
		b.WriteString(": " + reason)
	}
	return b.String()
}
