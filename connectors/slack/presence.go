package slack

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// presence remembers when the socket was last alive and whose events came over
// it, so that after a longer absence each of them has its gap filled.
type presence struct {
	mu       sync.Mutex
	accounts map[string]bool
	owed     []string // accounts whose gap is not noted yet
}

const presenceName = "slack/presence"

// shortAbsence is one that Slack's own retries bridge.
const shortAbsence = time.Minute

// maxAccounts bounds how many accounts are remembered.
const maxAccounts = 10_000

type savedPresence struct {
	Alive    time.Time `json:"alive"`
	Accounts []string  `json:"accounts"`
}

func (p *presence) met(account string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.accounts == nil {
		p.accounts = map[string]bool{}
	}
	if len(p.accounts) < maxAccounts {
		p.accounts[account] = true
	}
}

// back is called when a socket is open.
func (p *presence) back(ctx context.Context, app connectors.App, host connectors.Host) {
	var saved savedPresence
	state, err := host.Load(ctx, presenceName)
	if err == nil && state != nil {
		err = json.Unmarshal(state, &saved)
	}
	if err != nil {
		app.Log.WarnContext(ctx, "slack: the last presence is not known", "error", err)
	}
	for _, account := range saved.Accounts {
		p.met(account)
	}
	if app.Now().Sub(saved.Alive) > shortAbsence {
		p.mu.Lock()
		p.owed = saved.Accounts
		p.mu.Unlock()
	}
	p.stay(ctx, app, host)
}

// stay saves that the socket is alive, once the gaps before are noted.
func (p *presence) stay(ctx context.Context, app connectors.App, host connectors.Host) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.owed) > 0 {
		if err := host.Note(ctx, connectors.Notice{Account: p.owed[0], Kind: connectors.NoticeGap}); err != nil {
			app.Log.WarnContext(ctx, "slack: a gap was not noted", "error", err)
			return
		}
		p.owed = p.owed[1:]
	}
	state, err := json.Marshal(savedPresence{Alive: app.Now(), Accounts: slices.Sorted(maps.Keys(p.accounts))})
	if err == nil {
		err = host.Save(ctx, presenceName, state)
	}
	if err != nil {
		app.Log.WarnContext(ctx, "slack: presence was not saved", "error", err)
	}
}
