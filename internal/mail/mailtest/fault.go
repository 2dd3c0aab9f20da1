package mailtest

import "time"

// Step is a place in the conversation.
type Step string

// The places where a fault may strike.
const (
	Greeting Step = "greeting"
	Hello    Step = "hello"
	TLS      Step = "tls"
	Auth     Step = "auth"
	Sender   Step = "sender"
	Rcpt     Step = "recipient"
	Data     Step = "data" // the command
	Body     Step = "body" // in the middle of the text
	End      Step = "end"  // after the last byte, before the message is kept
	Kept     Step = "kept" // after the message is kept, in place of the good answer
	Reset    Step = "reset"
	Quit     Step = "quit"
)

// Fault is one thing going wrong: first the delay, then the dropped connection or the reply. A reply of 421 also ends
// the connection. In the step Body only a delay and a dropped connection have an effect.
type Fault struct {
	At    Step
	Code  int           // 0: answer as usual
	Text  string        // of the reply; empty: a plain sentence
	Drop  bool          // close the connection without a word
	Delay time.Duration // before anything else
	Times int           // how often; 0: once
}

// Fail adds faults. Each strikes when a session reaches its step, the oldest first.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		f.Times = max(f.Times, 1)
		s.faults = append(s.faults, f)
	}
}

// next takes the fault that is due at a step.
func (s *Server) next(at Step) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.faults {
		f := s.faults[i]
		if f.At != at {
			continue
		}
		if s.faults[i].Times--; s.faults[i].Times == 0 {
			s.faults = append(s.faults[:i], s.faults[i+1:]...)
		}
		return f, true
	}
	return Fault{}, false
}

// strike lets a fault of this step happen. It says whether the step was answered by it.
func (c *session) strike(at Step) bool {
	f, ok := c.server.next(at)
	if !ok {
		return false
	}
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-c.server.done:
		}
	}
	switch {
	case f.Drop:
		c.end()
		return true
	case f.Code == 0:
		return false
	}
	if f.Text == "" {
		f.Text = "this is a fault of the test"
	}
	c.reply(f.Code, f.Text)
	if f.Code == 421 {
		c.end()
	}
	return true
}
