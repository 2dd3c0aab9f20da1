package connectors

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// App is the application that this instance is registered as with a platform. It
// comes from the instance's configuration and belongs to no organisation.
type App struct {
	ID            string // the platform's own id of the application, or its OAuth client id
	Secret        string // OAuth client secret, or the platform's app secret
	SigningSecret string // of webhooks; Secret where a platform signs with that one
	VerifyToken   string // what the platform repeats when it verifies a webhook's address
	Token         string // of the application itself: a bot's, or one for a socket
	Redirect      string // the exact address that OAuth comes back to
	Tier          string // the rate limits that the platform grants this application; the connector's own words
	Options       map[string]string
	// Base replaces the platform's addresses in tests and in the demo; empty means the real ones.
	Base string
	HTTP *http.Client // never nil; bounds time and destinations
	Log  *slog.Logger // never nil; gets no text, name or token of anybody
	Now  func() time.Time
}

// Configured is implemented by connectors that can say which of the App's fields
// are missing for live use; none means that "Connect" can be offered.
type Configured interface{ Missing(App) []string }

// Connection is one installed account of a platform: a server, a workspace, a
// phone number. Credentials come from the vault and go back there.
type Connection struct {
	ExternalID  string // the account's id
	Name        string
	Credentials Credentials
	Granted     []string // scopes or permissions that were granted
	// Lacks are rights that Install would have liked and was not granted, each a key
	// of the catalogue below "connection.weak."; a NoticeRestore takes it away.
	Lacks    []string
	Measures community.Measures
	KeepText bool // the community keeps the text of questions
	// TeamRoles are roles of the platform whose bearers are team unless somebody
	// says otherwise, set by Install: that of the business itself. They are added to
	// the community's rules.
	TeamRoles []string
	// Settings are what the connector wants to remember of the installation,
	// nothing secret: the id of its bot, the version of an API.
	Settings map[string]string
}

// Credentials are the secrets of a connection.
type Credentials struct {
	Access  string    `json:"access,omitempty"`
	Refresh string    `json:"refresh,omitempty"`
	Expires time.Time `json:"expires,omitzero"` // zero: they do not
	// Signing is the secret of the account's own deliveries; see AccountWebhook.
	Signing string `json:"signing,omitempty"`
	// RefreshExpires is when Refresh ends; zero: it does not, or nobody says.
	RefreshExpires time.Time `json:"refresh_expires,omitzero"`
}

// Parcel is a payload and the account it speaks of.
type Parcel struct {
	Account string // Connection.ExternalID
	Payload Payload
}

// SettingPlan is the key of Connection.Settings that names the plan of the account,
// where the platform tells it.
const SettingPlan = "plan"

// SettingOwner is the key of Connection.Settings that names what several accounts
// belong to on their platform. A Notice whose Account is that name speaks of each of them.
const SettingOwner = "owner"

// Notice tells of an account something that is no activity.
type Notice struct {
	Account string
	Kind    NoticeKind
	Detail  string // a key or an id, never a text or a name of a person
}

// NoticeKind is what a Notice says.
type NoticeKind string

// The kinds of notice.
const (
	NoticeRevoked NoticeKind = "revoked" // uninstalled, or the token was withdrawn; Detail may say why, a key below "connection.revoked."
	NoticeLimited NoticeKind = "limited" // the platform held deliveries back: a gap to fill
	NoticeGap     NoticeKind = "gap"     // deliveries may be missing since the last one
	NoticeBlind   NoticeKind = "blind"   // a channel became unreadable; Detail is its id
	NoticeOutage  NoticeKind = "outage"  // the platform says that it is down
	NoticeBack    NoticeKind = "back"    // and that it is back
	NoticeDegrade NoticeKind = "degrade" // a right was withdrawn; Detail says which, a key below "connection.weak."; empty: none is missing any more
	NoticeRestore NoticeKind = "restore" // and that it came back; nothing when it was never missed
	NoticeErase   NoticeKind = "erase"   // all that came of the account must be deleted, by law
	NoticeRequest NoticeKind = "request" // somebody asks the brand what is kept of them; Detail is their id there
)

// Delivery is what one request to the webhook means.
type Delivery struct {
	Parcels []Parcel
	Notices []Notice
	// Answer is sent with status 200 when it is not empty: a challenge.
	Answer     []byte
	AnswerType string
}

// MaxDelivery bounds the body of one webhook request.
const MaxDelivery = 4 << 20

// Webhook is implemented by platforms that deliver by request. Receive reads
// and verifies the request, splits it and scrubs it: no text of a message is left
// unless keep says so of the account. ErrSignature for a request that is unsigned,
// stale or wrongly signed; *RefusedError for one that cannot be read.
type Webhook interface {
	Receive(app App, r *http.Request, keep func(account string) bool) (Delivery, error)
}

// Host is what a gateway needs of its surroundings.
type Host interface {
	// Hold takes a named lock for as long as the process lives or until release;
	// false when another process has it.
	Hold(ctx context.Context, name string) (release func(), ok bool, err error)
	// Holds says whether a lock that Hold gave is still there. When the database
	// goes away it takes the locks with it, and another process may have them.
	Holds(name string) bool
	// Accept stores parcels durably. Those of unknown accounts are dropped.
	Accept(ctx context.Context, parcels []Parcel) error
	// Note reports something that is no activity.
	Note(ctx context.Context, n Notice) error
	// Keep says whether the account's community keeps the text of questions.
	Keep(account string) bool
	// Load and Save keep what the gateway needs across restarts, by name: the
	// state of a session. Load returns nil when nothing was saved.
	Load(ctx context.Context, name string) ([]byte, error)
	Save(ctx context.Context, name string, state []byte) error
}

// Gateway is implemented by platforms that deliver over a connection that we
// hold. Listen works until the context ends; several processes may call it, they
// share the work by Host.Hold. It returns an error only when coming back by
// itself would do harm: ErrRevoked, *FatalError.
type Gateway interface {
	Listen(ctx context.Context, app App, host Host) error
}

// FatalError is what ends a gateway until somebody acts. Reason is a key of the
// catalogue: "connection.fatal.<reason>".
type FatalError struct {
	Reason string
	Err    error
}

func (e *FatalError) Error() string {
	if e.Err != nil {
		return e.Reason + ": " + e.Err.Error()
	}
	return e.Reason
}

func (e *FatalError) Unwrap() error { return e.Err }

// Backfiller fetches history. Each call is one step: a page or so, from the
// cursor; the empty cursor starts. since is the moment up to which everything is
// known already, zero for the whole history: a gap is filled by starting anew
// with it. *RateLimitError says when to come back with the same cursor.
type Backfiller interface {
	Backfill(ctx context.Context, app App, c Connection, cursor string, since time.Time) (Page, error)
}

// Page is one step of a backfill.
type Page struct {
	Payloads []Payload
	Source   *community.Source // when the platform told more of the account
	Next     string            // where to go on; empty when it is done
	Progress float64           // 0 to 1, of the whole backfill; never falls
	// Left estimates the time that remains at the platform's limits; 0 unknown.
	Left time.Duration
	// Blind are channels without access, by id and name.
	Blind []community.Channel
	Pause time.Duration // to wait before the next step, by the platform's limits
}

// Roster is implemented by platforms that list their members. Each call is one
// page; the empty cursor starts, an empty Next ends. The difference to what is
// known becomes joins and leaves marked reconciled.
type Roster interface {
	Members(ctx context.Context, app App, c Connection, cursor string) (RosterPage, error)
}

// RosterPage is one page of the member list.
type RosterPage struct {
	Members []RosterMember
	Next    string
}

// RosterMember is somebody who is a member now.
type RosterMember struct {
	community.Identity
	Joined time.Time // zero where the platform does not tell
}

// Installer connects an account by OAuth. verifier is the PKCE secret of this
// attempt (connectors that offer no PKCE ignore it); state is opaque. Install gets
// the query of the redirect and returns *InstallError for what the visitor can mend.
type Installer interface {
	InstallURL(app App, state, verifier string) string
	Install(ctx context.Context, app App, query url.Values, verifier string) (Connection, error)
}

// Scripted is implemented by installers whose platform opens its dialog by a script
// of its own, which runs in a page of ours. ok is false when the dialog can be
// opened by InstallURL instead. What the script gives comes back to Install.
type Scripted interface {
	PageScript(App) (s PageScript, ok bool)
}

// PageScript is what such a page needs. The page allows these origins and no others.
type PageScript struct {
	Source  string            // address of the platform's script
	Origins []string          // whose messages to the page are believed: compared as a whole
	Frames  []string          // origins that the script may ask and embed
	Values  map[string]string // what our part of the script hands on; nothing secret
}

// Manual connects an account by what somebody pastes into a form.
type Manual interface {
	Fields() []ManualField
	InstallManual(ctx context.Context, app App, values map[string]string) (Connection, error)
}

// ManualField is one field of that form; texts stand in the catalogue under
// "connection.field.<platform>.<name>".
type ManualField struct {
	Name   string
	Secret bool
}

// InstallError says why an account was not connected. Reason is a key of the
// catalogue: "connection.install.<reason>".
type InstallError struct {
	// Reason is denied, expired, scopes, account, unreachable or refused; of pasted
	// keys also full_key (may do too much), not_a_key, expired_key.
	Reason string
	Names  []string // scopes or permissions that are missing
	Err    error
}

func (e *InstallError) Error() string {
	if e.Err != nil {
		return "install: " + e.Reason + ": " + e.Err.Error()
	}
	return "install: " + e.Reason
}

func (e *InstallError) Unwrap() error { return e.Err }

// Refresher renews credentials before they end. The caller makes sure that one
// call at a time is made for a connection, and stores the result before it is used.
type Refresher interface {
	Refresh(ctx context.Context, app App, c Connection) (Credentials, error)
}

// Uninstaller gives the access back to the platform when a brand disconnects.
type Uninstaller interface {
	Uninstall(ctx context.Context, app App, c Connection) error
}
