package ingest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// payloadPurpose binds what the vault seals to the inbox.
const payloadPurpose = store.PurposePayload

// directoryAge is how long the list of installed accounts is taken as it is: a
// new connection gets its first delivery so much later at most.
const directoryAge = 2 * time.Second

// directory knows which connections an account of a platform feeds.
type directory struct {
	mu    sync.Mutex
	lists map[community.Platform]listing
}

type listing struct {
	at      time.Time
	account map[string][]store.Connection // by account, and by the owner of accounts
	keep    map[string]bool
}

// listing returns the installed accounts of a platform, read anew when old.
func (in *Ingest) listing(ctx context.Context, p community.Platform) (listing, error) {
	in.directory.mu.Lock()
	defer in.directory.mu.Unlock()
	if l, ok := in.directory.lists[p]; ok && time.Since(l.at) < directoryAge {
		return l, nil
	}
	list, err := in.Store.LiveConnections(ctx, p)
	if err != nil {
		return listing{}, err
	}
	keeping, err := in.Store.KeepingQuestions(ctx)
	if err != nil {
		return listing{}, err
	}
	l := listing{at: time.Now(), account: map[string][]store.Connection{}, keep: map[string]bool{}}
	for _, c := range list {
		l.account[c.ExternalID] = append(l.account[c.ExternalID], c)
		if owner := c.Settings[connectors.SettingOwner]; owner != "" && owner != c.ExternalID {
			l.account[owner] = append(l.account[owner], c)
		}
		if c.State == store.ConnectionActive && keeping[c.Scope] {
			l.keep[c.ExternalID] = true
		}
	}
	if in.directory.lists == nil {
		in.directory.lists = map[community.Platform]listing{}
	}
	in.directory.lists[p] = l
	return l, nil
}

// parcels addresses what arrived to the connections that take it. Accounts that
// nobody installed, or that are paused, get nothing.
func (in *Ingest) parcels(l listing, list []connectors.Parcel) []store.Parcel {
	out := make([]store.Parcel, 0, len(list))
	for _, p := range list {
		for _, c := range l.account[p.Account] {
			if c.State != store.ConnectionActive {
				continue
			}
			payload := p.Payload
			// The text of questions is kept for the communities that want it, and each
			// account is scrubbed for all of its communities at once.
			payload.Body = in.Ring.Seal(payloadPurpose, payload.Body)
			out = append(out, store.Parcel{Scope: c.Scope, Connection: c.ID, Payload: payload})
		}
	}
	return out
}

// accept stores parcels durably.
func (in *Ingest) accept(ctx context.Context, p community.Platform, list []connectors.Parcel) error {
	if len(list) == 0 {
		return nil
	}
	l, err := in.listing(ctx, p)
	if err != nil {
		return fmt.Errorf("ingest: accept: %w", err)
	}
	return in.collector.accept(ctx, in.Store, in.parcels(l, list))
}

// open is the payload as it arrived.
func (in *Ingest) open(d store.Delivery) (community.Payload, error) {
	body, err := in.Ring.Open(payloadPurpose, d.Body)
	if err != nil {
		return community.Payload{}, err
	}
	d.Payload.Body = body
	return d.Payload, nil
}

// Seal makes a payload ready for the inbox.
func (in *Ingest) Seal(p community.Payload) community.Payload {
	p.Body = in.Ring.Seal(payloadPurpose, p.Body)
	return p
}

// collector brings what arrives at the same moment into the database together:
// while one statement runs, the next one fills up.
type collector struct {
	mu      sync.Mutex
	waiting *bunch
	busy    int
}

// bunch is what goes in one statement.
type bunch struct {
	parcels []store.Parcel
	done    chan struct{}
	err     error
}

// The bounds of the collector.
const (
	bunchSize     = 2000 // parcels of one statement
	bunchesAtOnce = 2    // statements at a time
	bunchTime     = 10 * time.Second
	collectorRoom = 20_000 // parcels that may wait; more are refused, and come again
)

// errFull says that the database does not follow: the platform delivers again.
var errFull = fmt.Errorf("ingest: more arrives than the database takes")

// accept returns when the parcels are stored, or why not.
func (c *collector) accept(ctx context.Context, s *store.Store, list []store.Parcel) error {
	if len(list) == 0 {
		return nil
	}
	c.mu.Lock()
	if c.waiting == nil {
		c.waiting = &bunch{done: make(chan struct{})}
	}
	b := c.waiting
	if len(b.parcels)+len(list) > collectorRoom && len(b.parcels) > 0 {
		c.mu.Unlock()
		return errFull
	}
	b.parcels = append(b.parcels, list...)
	if c.busy < bunchesAtOnce {
		c.busy++
		go c.run(context.WithoutCancel(ctx), s)
	}
	c.mu.Unlock()
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err() // it may be stored all the same: a delivery comes twice
	}
}

// run stores bunches until none waits.
func (c *collector) run(ctx context.Context, s *store.Store) {
	for {
		c.mu.Lock()
		b := c.waiting
		if b == nil {
			c.busy--
			c.mu.Unlock()
			return
		}
		c.waiting = nil
		c.mu.Unlock()
		b.err = c.store(ctx, s, b.parcels)
		close(b.done)
	}
}

func (c *collector) store(ctx context.Context, s *store.Store, list []store.Parcel) error {
	ctx, cancel := context.WithTimeout(ctx, bunchTime)
	defer cancel()
	for len(list) > 0 {
		n := min(len(list), bunchSize)
		if _, err := s.AcceptParcels(ctx, list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}
