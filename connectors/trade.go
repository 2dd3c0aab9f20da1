package connectors

import (
	"context"
	"net/http"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// Trader is implemented by connectors of shops, billing systems and CRMs. Their
// batches fill Batch.Business; the rest of the contract is that of the chats.
type Trader interface{ Trades() Trades }

// Trades says what a source of business data tells.
type Trades struct{ Customers, Orders, Subscriptions, Costs, Answers bool }

// Asker is an Installer that must know something before it can lead the visitor
// away, such as the address of a shop. The page asks for the fields; InstallURLFor
// returns *InstallError for values that cannot be. Install then finds the values
// in its query, each under "ask." and the field's name, put there by Foyer.
type Asker interface {
	Installer
	Ask() []ManualField
	InstallURLFor(app App, state, verifier string, values map[string]string) (string, error)
}

// Handover is an Installer whose platform does not send a code with the visitor
// but the keys themselves, by a request of its own to /connect/{platform}/keys
// (App.Redirect with "/callback" replaced by "/keys"). Handed reads that request,
// whose body is bounded; state is the one of InstallURL. Install then finds the
// values in its query, each under "handed." and its name.
type Handover interface {
	Installer
	Handed(r *http.Request) (state string, values map[string]string, err error)
}

// AccountWebhook is implemented by platforms whose deliveries are signed with a
// secret of the account and not of the application. They come to an address of
// that connection alone. ReceiveFor is to it what Webhook.Receive is to the
// application's; the parcels' Account is filled by the caller when it is empty.
type AccountWebhook interface {
	ReceiveFor(app App, c Connection, r *http.Request) (Delivery, error)
}

// Subscriber makes the platform deliver to an address: /hooks/{platform} for a
// Webhook, the connection's own for an AccountWebhook. It is called after the
// installation and every day, changes nothing when all is as it should be, and
// returns the connection with what must be kept: Credentials.Signing, Settings.
// *RefusedError means that the rights do not suffice: polling then does the work.
type Subscriber interface {
	Subscribe(ctx context.Context, app App, c Connection, address string) (Connection, error)
}

// Polled is implemented by Backfillers whose deliveries cannot be relied on: a
// gap is filled after every such time, deliveries or not.
type Polled interface{ Every() time.Duration }

// Bookkeeper is implemented by platforms that can be asked for their own books:
// the daily reconciliation holds them against what is stored, line by line, and
// fetches what differs. from and to bound the time of an order or of a
// subscription's start, half-open. Each call is one page; the empty cursor starts.
type Bookkeeper interface {
	Books(ctx context.Context, app App, c Connection, from, to time.Time, cursor string) (BooksPage, error)
	// Fetch brings the payloads of some entries anew, at most 100 of them.
	Fetch(ctx context.Context, app App, c Connection, entries []Entry) ([]Payload, error)
}

// BooksPage is one page of a source's books.
type BooksPage struct {
	Entries []Entry
	Next    string
	// From, when set, says that the source shows nothing of before that moment,
	// whatever was asked for: what is stored of before is not held against it.
	From time.Time
}

// Entry is one line of the books, as community.Order or Subscription would have it.
type Entry struct {
	Subscription bool // else an order
	ExternalID   string
	At           time.Time
	State        community.OrderState
	Test         bool
	Net          community.Money // before refunds; of a subscription its monthly amount
	Refunded     community.Money // without tax
}
