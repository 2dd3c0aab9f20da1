package main

import (
	"context"
	"slices"

	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

// rotateKeys puts a new key in front and seals everything anew by it, while
// servers run: they read the file again by themselves. With --retire it removes
// the old keys once nothing is sealed by them any more.
func (a *administration) rotateKeys(ctx context.Context, args []string) error {
	f := newFlags("admin rotate-keys", a.terminal)
	retire := f.Bool("retire", false, "")
	if err := a.parse(f, args); err != nil {
		return err
	}
	fromFile := a.config.Keys == ""
	if !fromFile && *retire {
		if err := a.reseal(ctx); err != nil {
			return err
		}
		return a.say("cli.admin.keys_remove", "ids", a.terminal.locale.List(a.ring.IDs()[1:]))
	}
	if !fromFile && len(a.ring.IDs()) == 1 {
		return a.say("cli.admin.keys_set")
	}
	if fromFile && !*retire {
		id, err := vault.AddPrimary(a.config.keyFile())
		if err != nil {
			return err
		}
		if err := a.audit(ctx, 0, "admin.rotate_keys", id); err != nil {
			return err
		}
	}
	if err := a.reseal(ctx); err != nil {
		return err
	}
	if !*retire {
		return a.say("cli.admin.keys_new", "id", a.ring.Primary())
	}
	old := slices.Clone(a.ring.IDs()[1:])
	for _, id := range old {
		if err := vault.Retire(a.config.keyFile(), id); err != nil {
			return err
		}
		if err := a.audit(ctx, 0, "admin.retire_key", id); err != nil {
			return err
		}
	}
	if len(old) == 0 {
		return a.say("cli.admin.keys_none")
	}
	return a.say("cli.admin.keys_retired", "ids", a.terminal.locale.List(old))
}

// reseal goes through every sealed column until nothing is sealed by an old key.
// What cannot be opened is an error: retiring a key would lose it for good.
func (a *administration) reseal(ctx context.Context) error {
	total, closed := 0, 0
	for _, c := range store.SealedColumns() {
		for {
			done, err := a.store.Reseal(ctx, c, a.ring)
			if err != nil {
				return err
			}
			total += done.Sealed
			if done.Sealed+done.Missed == 0 {
				closed += done.Closed
				break
			}
		}
	}
	if err := a.say("cli.admin.resealed", "n", total); err != nil {
		return err
	}
	if closed > 0 {
		return a.fails("cli.admin.closed", "n", closed)
	}
	return nil
}
