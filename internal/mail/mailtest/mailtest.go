// Package mailtest is a mail server for tests: it takes messages by SMTP, is strict about the protocol, keeps what it was
// given, and fails on demand. It listens on loopback and delivers nothing.
package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// User and Password sign in, unless an option says otherwise.
const (
	User     = "foyer@mail.example"
	Password = "a secret with / and @"
)

// From is the sender that the addresses of the server name.
const From = "Foyer <foyer@mail.example>"

// Server is one mail server. Its methods may be called at any time, by several goroutines.
type Server struct {
	listener net.Listener
	cert     tls.Certificate
	roots    *x509.CertPool
	implicit bool
	noTLS    bool
	noAuth   bool
	utf8     bool
	maxSize  int
	done     chan struct{}
	group    sync.WaitGroup

	mu       sync.Mutex
	conns    map[net.Conn]bool
	messages []Message
	faults   []Fault
	arrived  chan struct{} // closed and replaced at every message
	seen     []string      // verbs of all sessions
}

// Option changes the server before it starts.
type Option func(*Server)

// Implicit makes the server speak TLS from the first byte.
func Implicit() Option { return func(s *Server) { s.implicit = true } }

// WithoutSTARTTLS makes the server offer no encryption.
func WithoutSTARTTLS() Option { return func(s *Server) { s.noTLS = true } }

// WithoutAuth makes the server know no users: everybody may send.
func WithoutAuth() Option { return func(s *Server) { s.noAuth = true } }

// WithUTF8 makes the server take addresses that are not ASCII.
func WithUTF8() Option { return func(s *Server) { s.utf8 = true } }

// MaxSize bounds a message, in bytes. The default is 10 MB.
func MaxSize(bytes int) Option { return func(s *Server) { s.maxSize = bytes } }

// Start runs a server until the test ends.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	cert, roots, err := certificate()
	if err != nil {
		t.Fatalf("mailtest: %v", err)
	}
	s := &Server{
		cert: cert, roots: roots, maxSize: 10_000_000, done: make(chan struct{}), conns: map[net.Conn]bool{},
		arrived: make(chan struct{}),
	}
	for _, option := range options {
		option(s)
	}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatalf("mailtest: %v", err)
	}
	s.group.Go(s.accept)
	t.Cleanup(s.stop)
	return s
}

func (s *Server) stop() {
	close(s.done)
	_ = s.listener.Close()
	s.mu.Lock()
	for conn := range s.conns {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.group.Wait()
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // the test has ended
		}
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
		s.group.Go(func() {
			defer func() {
				_ = conn.Close()
				s.mu.Lock()
				delete(s.conns, conn)
				s.mu.Unlock()
			}()
			_ = conn.SetDeadline(time.Now().Add(time.Minute))
			s.serve(conn)
		})
	}
}

// Addr is the server's host and port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL is the server's address for the setting, with user, password and sender. It needs no certificate: a server of
// Start's default is reached without encryption, which is right on loopback only. With Implicit it is SecureURL.
func (s *Server) URL() string {
	if s.implicit {
		return s.SecureURL()
	}
	return s.address("smtp", url.Values{"from": {From}, "tls": {"none"}})
}

// SecureURL is the server's address with encryption; the caller trusts Roots.
func (s *Server) SecureURL() string {
	scheme := "smtp"
	if s.implicit {
		scheme = "smtps"
	}
	return s.address(scheme, url.Values{"from": {From}})
}

func (s *Server) address(scheme string, query url.Values) string {
	u := url.URL{Scheme: scheme, Host: s.Addr(), RawQuery: query.Encode()}
	if !s.noAuth {
		u.User = url.UserPassword(User, Password)
	}
	return u.String()
}

// Roots trusts the server's own certificate, which is for 127.0.0.1 and localhost.
func (s *Server) Roots() *x509.CertPool { return s.roots.Clone() }

// Messages are all messages the server took, in their order.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Wait returns the messages as soon as there are n, or an error after ten seconds.
func (s *Server) Wait(n int) ([]Message, error) {
	timeout := time.After(10 * time.Second)
	for {
		s.mu.Lock()
		arrived, count := s.arrived, len(s.messages)
		s.mu.Unlock()
		if count >= n {
			return s.Messages(), nil
		}
		select {
		case <-arrived:
		case <-s.done:
			return nil, errors.New("mailtest: the server has stopped")
		case <-timeout:
			return nil, fmt.Errorf("mailtest: %d messages after ten seconds, want %d", count, n)
		}
	}
}

// Open is how many connections stand at this moment.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Verbs are the commands of all sessions so far, such as "EHLO" and "STARTTLS".
func (s *Server) Verbs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

func (s *Server) keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	close(s.arrived)
	s.arrived = make(chan struct{})
}
