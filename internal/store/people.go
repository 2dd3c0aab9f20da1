package store

import (
	"context"
	"hash/maphash"
	"maps"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// storePeople writes the identities that are new or changed, and those that
// activities only mention, and remembers their ids.
func (in *Intake) storePeople(ctx context.Context, tx pgx.Tx, b community.Batch) error {
	in.newcomers = map[int64]bool{}
	pending := map[string]community.Identity{}
	var same [][2]string
	for _, p := range b.Identities {
		if p.ExternalID == "" {
			continue
		}
		if pair := [2]string{p.ExternalID, p.SameAs}; p.SameAs != "" && p.SameAs != p.ExternalID && !in.same[pair] {
			same = append(same, pair)
		}
		if earlier, ok := pending[p.ExternalID]; ok {
			p = mergeIdentity(earlier, p)
		}
		if k, ok := in.identities[p.ExternalID]; ok && k.fingerprint == in.identityPrint(p) {
			continue
		}
		pending[p.ExternalID] = p
	}
	mention := func(id string) {
		if id == "" {
			return
		}
		if _, ok := in.identities[id]; ok {
			return
		}
		if _, ok := pending[id]; !ok {
			pending[id] = community.Identity{ExternalID: id}
		}
	}
	for i := range b.Activities {
		mention(b.Activities[i].Actor)
		for _, id := range b.Activities[i].To {
			mention(id)
		}
	}
	for _, pair := range same {
		mention(pair[1])
	}
	if len(pending) > 0 {
		if err := in.writePeople(ctx, tx, pending); err != nil {
			return err
		}
	}
	return in.joinPeople(ctx, tx, same)
}

func (in *Intake) writePeople(ctx context.Context, tx pgx.Tx, pending map[string]community.Identity) error {
	n := len(pending)
	args := scoped(in.community.Scope, pgx.NamedArgs{"platform": in.platform})
	ids, names, handles := make([]string, 0, n), make([]string, 0, n), make([]string, 0, n)
	emails, roles := make([]string, 0, n), make([]string, 0, n)
	bots, guests, outside := make([]bool, 0, n), make([]bool, 0, n), make([]bool, 0, n)
	departed, listed := make([]bool, 0, n), make([]bool, 0, n)
	for _, p := range pending {
		ids, names, handles = append(ids, clean(p.ExternalID)), append(names, clean(p.Name)), append(handles, clean(p.Handle))
		emails, roles = append(emails, clean(p.Email)), append(roles, textArray(p.Roles))
		bots, guests, outside = append(bots, p.Bot), append(guests, p.Guest), append(outside, p.Outside)
		departed, listed = append(departed, p.Departed), append(listed, p.Listed)
	}
	args["ids"], args["names"], args["handles"], args["emails"], args["roles"] = ids, names, handles, emails, roles
	args["bots"], args["guests"], args["outside"], args["departed"], args["listed"] = bots, guests, outside, departed, listed

	rows, err := tx.Query(ctx, query("identity_upsert"), args)
	if err != nil {
		return err
	}
	var (
		external string
		id       int64
		isNew    bool
	)
	written := make(map[string]int64, n)
	if _, err := pgx.ForEachRow(rows, []any{&external, &id, &isNew}, func() error {
		written[external] = id
		if isNew {
			in.newcomers[id] = true
		}
		return nil
	}); err != nil {
		return err
	}
	for external, p := range pending {
		in.identities[external] = known{id: written[clean(external)], fingerprint: in.identityPrint(p)}
	}
	if err := in.writeIdentityKeys(ctx, tx, pending, written); err != nil {
		return err
	}
	if n >= manyPeople {
		// The planner knows nothing yet of a table that has just been filled.
		if _, err := tx.Exec(ctx, `select refresh_statistics(t) from unnest(array['identity', 'member']) t`); err != nil {
			return err
		}
	}
	changed := slices.Collect(maps.Values(written))
	return in.applyPopulation(ctx, tx, changed)
}

// manyPeople in one batch are worth a look at the table's statistics.
const manyPeople = 100

// applyPopulation sets who is team and who is a bot by the community's rules,
// where nobody decided by hand: of the persons behind these identities, or of
// all when it is nil. When somebody who has been counted changes
// sides, every day is recomputed: their exchanges touch other people's rows.
// Newcomers were made in this transaction and have not been counted.
func applyPopulation(ctx context.Context, tx pgx.Tx, sc community.Scope, identities, newcomers []int64) error {
	var counted bool
	args := scoped(sc, pgx.NamedArgs{"identities": identities, "newcomers": newcomers})
	if err := tx.QueryRow(ctx, query("population_apply"), args).Scan(&counted); err != nil {
		return err
	}
	if counted {
		return markAllDays(ctx, tx, sc)
	}
	return nil
}

func (in *Intake) applyPopulation(ctx context.Context, tx pgx.Tx, identities []int64) error {
	newcomers := slices.AppendSeq([]int64{}, maps.Keys(in.newcomers))
	return applyPopulation(ctx, tx, in.community.Scope, identities, newcomers)
}

func mergeIdentity(a, b community.Identity) community.Identity {
	keep := func(first, second string) string {
		if second == "" {
			return first
		}
		return second
	}
	a.Name, a.Handle, a.Email, a.Phone = keep(a.Name, b.Name), keep(a.Handle, b.Handle), keep(a.Email, b.Email), keep(a.Phone, b.Phone)
	a.Bot, a.Guest, a.Outside = a.Bot || b.Bot, a.Guest || b.Guest, a.Outside || b.Outside
	a.Departed, a.Listed = a.Departed || b.Departed, a.Listed || b.Listed
	if len(b.Roles) > 0 {
		a.Roles = b.Roles
	}
	return a
}

func (in *Intake) identityPrint(p community.Identity) uint64 {
	var h maphash.Hash
	h.SetSeed(in.seed)
	for _, s := range append([]string{p.Name, p.Handle, p.Email, p.Phone}, p.Roles...) {
		h.WriteString(s)
		h.WriteByte(0)
	}
	for _, f := range []bool{p.Bot, p.Guest, p.Outside, p.Departed, p.Listed} {
		h.WriteString(strconv.FormatBool(f))
	}
	return h.Sum64()
}

// storeChannels writes the channels that are new or changed, and those that
// activities only name, and remembers their ids.
func (in *Intake) storeChannels(ctx context.Context, tx pgx.Tx, b community.Batch) error {
	pending := map[string]community.Channel{}
	for _, c := range b.Channels {
		if k, ok := in.channels[c.ExternalID]; c.ExternalID != "" && (!ok || k.fingerprint != in.channelPrint(c)) {
			pending[c.ExternalID] = c
		}
	}
	mention := func(id string) {
		if _, ok := in.channels[id]; id == "" || ok {
			return
		}
		if _, ok := pending[id]; !ok {
			pending[id] = community.Channel{ExternalID: id}
		}
	}
	for _, c := range b.Channels {
		mention(c.Parent)
	}
	for i := range b.Activities {
		mention(b.Activities[i].Channel)
	}
	if len(pending) == 0 {
		return nil
	}
	return in.writeChannels(ctx, tx, pending)
}

func (in *Intake) writeChannels(ctx context.Context, tx pgx.Tx, pending map[string]community.Channel) error {
	n := len(pending)
	ids, names, parents := make([]string, 0, n), make([]string, 0, n), make([]string, 0, n)
	kinds, archived, private := make([]int16, 0, n), make([]bool, 0, n), make([]bool, 0, n)
	for _, c := range pending {
		ids, names, parents = append(ids, clean(c.ExternalID)), append(names, clean(c.Name)), append(parents, clean(c.Parent))
		kinds, archived, private = append(kinds, int16(c.Kind)), append(archived, c.Archived), append(private, c.Private)
	}
	rows, err := tx.Query(ctx, query("channel_upsert"), scoped(in.community.Scope, pgx.NamedArgs{
		"connection": in.connection, "turns": in.turns, "ids": ids, "names": names,
		"kinds": kinds, "archived": archived, "private": private,
	}))
	if err != nil {
		return err
	}
	var (
		external string
		id       int64
	)
	written := make(map[string]int64, n)
	if _, err := pgx.ForEachRow(rows, []any{&external, &id}, func() error {
		written[external] = id
		return nil
	}); err != nil {
		return err
	}
	for external, c := range pending {
		in.channels[external] = known{id: written[clean(external)], fingerprint: in.channelPrint(c)}
	}
	if !slices.ContainsFunc(parents, func(p string) bool { return p != "" }) {
		return nil
	}
	_, err = tx.Exec(ctx, query("channel_parents"), scoped(in.community.Scope, pgx.NamedArgs{
		"connection": in.connection, "ids": ids, "parents": parents,
	}))
	return err
}

func (in *Intake) channelPrint(c community.Channel) uint64 {
	var h maphash.Hash
	h.SetSeed(in.seed)
	h.WriteString(c.Name)
	h.WriteByte(0)
	h.WriteString(c.Parent)
	h.WriteString(strconv.Itoa(int(c.Kind)))
	h.WriteString(strconv.FormatBool(c.Archived))
	h.WriteString(strconv.FormatBool(c.Private))
	return h.Sum64()
}
