package account

import (
	"context"
	"fmt"
	"time"

	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
)

// DemoTicket is the purpose of the tickets that let the demo's visitor in. Only
// `foyer demo` issues them.
const DemoTicket = "demo"

// demoValid is how long the link that the demo prints can be opened.
const demoValid = 24 * time.Hour

// DemoCode returns a code that signs a person in once. An earlier one that was
// not used ends.
func (a *Accounts) DemoCode(ctx context.Context, u store.User) (string, error) {
	code, hash := secret.Token()
	err := a.Store.IssueTicket(ctx, hash, store.Ticket{Purpose: DemoTicket, User: u.ID, Expires: a.Now().Add(demoValid)}, true)
	if err != nil {
		return "", fmt.Errorf("account: demo code: %w", err)
	}
	return code, nil
}
