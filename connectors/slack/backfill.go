package slack

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

// Backfill makes one call to Slack: users, then channels, then for each channel
// the history from the newest message on, and after each page the replies to its
// threads. A public channel is joined first, which Slack demands of a bot.
//
// With since, replies in it to threads that are older by more than the pace's
// back are not found: Slack lists replies by thread only.
func (connector) Backfill(ctx context.Context, app connectors.App, c connectors.Connection, at string, since time.Time) (connectors.Page, error) {
	pos, err := parseCursor(at)
	if err != nil {
		return connectors.Page{}, fmt.Errorf("slack: backfill: %w", err)
	}
	b := backfill{app: app, conn: c, cursor: pos, since: since, pace: limits(app)}
	if err := b.run(ctx); err != nil {
		return connectors.Page{}, fmt.Errorf("slack: backfill: %w", err)
	}
	b.page(app, b.from(), &b.out)
	if b.out.Next == "" {
		b.out.Source = b.source()
	}
	return b.out, nil
}

// backfill is one step.
type backfill struct {
	cursor
	app   connectors.App
	conn  connectors.Connection
	since time.Time
	pace  pace
	out   connectors.Page
}

func (b *backfill) run(ctx context.Context) error {
	switch b.step() {
	case stepUsers:
		return b.users(ctx)
	case stepChannels:
		return b.channels(ctx)
	case stepJoin:
		return b.join(ctx)
	case stepHistory:
		return b.history(ctx)
	case stepReplies:
		return b.replies(ctx)
	case stepDone:
	}
	return nil
}

// from is how far back the history is read; zero for all of it.
func (b *backfill) from() time.Time {
	if b.since.IsZero() {
		return time.Time{}
	}
	return b.since.Add(-b.pace.back)
}

// add emits a payload. Its key is the same each time the same is fetched.
func (b *backfill) add(kind, scope, id string, body []byte) {
	h := fnv.New64a()
	_, _ = h.Write(body) // a hash never fails
	key := "b/" + kind + "/" + id + "/" + strconv.FormatUint(h.Sum64(), 36)
	b.out.Payloads = append(b.out.Payloads, connectors.Payload{Key: key, Kind: kind, Scope: scope, Body: body})
}

func (b *backfill) users(ctx context.Context) error {
	next, err := users(ctx, b.app, b.conn, b.Page, func(u *user) {
		w := jsonWriter{make([]byte, 0, 512)}
		u.record(&w, "")
		b.add(liveUser, where(b.conn), u.id, w.b)
		if u.isBot() && len(b.Bots) < maxBots {
			b.Bots = append(b.Bots, u.id)
		}
	})
	if err != nil {
		return err
	}
	if b.Page = next; next == "" {
		b.Phase = phaseChannels
	}
	return nil
}

func (b *backfill) channels(ctx context.Context) error {
	kinds := "public_channel"
	if slices.Contains(b.conn.Granted, "groups:read") {
		kinds += ",private_channel"
	}
	args := url.Values{"types": {kinds}, "exclude_archived": {"false"}, "limit": {"200"}}
	if b.Page != "" {
		args.Set("cursor", b.Page)
	}
	a, err := call(ctx, b.app, b.conn.Credentials.Access, "conversations.list", args, func(key string, v jsonstream.Value) error {
		if key != "channels" {
			return nil
		}
		return elements(v, b.channel)
	})
	if err != nil {
		return err
	}
	if b.Page = a.next; a.next == "" {
		b.Phase, b.Total = phaseRead, len(b.Left)
	}
	return nil
}

func (b *backfill) channel(raw []byte) {
	var c channel
	member := false
	err := object(raw, func(key string, v jsonstream.Value) error {
		if key == "is_member" {
			return boolean(v, &member)
		}
		return c.placeField(key, v)
	})
	if err != nil || c.id == "" || c.direct || direct("", c.id) {
		return
	}
	b.add(liveChannel, "", c.id, c.record())
	if len(b.Left) < maxPlaces {
		b.Left = append(b.Left, place{
			ID: c.id, Name: shortened(c.name), Created: c.created, Member: member, Private: c.private, Archived: c.archived,
		})
	}
}

// shortened bounds a channel's name; Slack's have at most 80 characters.
func shortened(s string) string {
	if r := []rune(s); len(r) > maxName {
		return string(r[:maxName])
	}
	return s
}

// join makes us a member of a public channel. One that cannot be joined is blind.
func (b *backfill) join(ctx context.Context) error {
	to := &b.Left[0]
	if to.Private || to.Archived || to.Tried {
		b.blind()
		return nil
	}
	_, err := call(ctx, b.app, b.conn.Credentials.Access, "conversations.join", url.Values{"channel": {to.ID}}, nil)
	switch {
	case err == nil:
		to.Member, to.Tried = true, true
	case closed(err):
		b.blind()
	default:
		return err
	}
	return nil
}

// blind leaves a channel out, by name.
func (b *backfill) blind() {
	p := b.Left[0]
	b.out.Blind = append(b.out.Blind, community.Channel{
		ExternalID: p.ID, Name: p.Name, Kind: community.TextChannel, Archived: p.Archived, Private: p.Private,
	})
	b.drop()
}

// closed says whether Slack refused a call for the one channel that it was about.
func closed(err error) bool {
	return slices.Contains([]string{
		"access_denied", "channel_is_limited_access", "channel_not_found", "ekm_access_denied", "is_archived",
		"method_not_supported_for_channel_type", "missing_scope", "no_permission", "not_allowed_for_grid_workspace",
		"not_in_channel", "restricted_action", "team_not_found",
	}, code(err))
}

func (b *backfill) history(ctx context.Context) error {
	args := url.Values{"channel": {b.Left[0].ID}, "limit": {strconv.Itoa(b.pace.limit)}}
	if from := b.from(); !from.IsZero() {
		args.Set("oldest", stampOf(from))
	}
	switch {
	case b.Later != "":
		args.Set("cursor", b.Later)
	case b.Reached != "":
		args.Set("latest", b.Reached) // the cursor was lost: on from the oldest message
	}
	b.History = b.app.Now().UnixMilli()
	before := b.Reached
	a, err := b.messages(ctx, "conversations.history", args, func(e *messageEvent) {
		if b.Reached == "" || e.ts < b.Reached {
			b.Reached = e.ts
		}
		if e.opens(b.since) && len(b.Threads) < maxThreads {
			b.Threads = append(b.Threads, e.ts)
		}
	})
	switch {
	case code(err) == "invalid_cursor" && b.Later != "":
		b.Later = ""
		return nil
	case code(err) == "not_in_channel" && !b.Left[0].Tried:
		b.Left[0].Member = false
		return nil
	case closed(err):
		b.blind()
		return nil
	case err != nil:
		return err
	}
	if b.Oldest == "" || b.Reached != "" && b.Reached < b.Oldest {
		b.Oldest = b.Reached
	}
	b.Later = a.next
	b.Read = a.next == "" && (!a.more || b.Reached == before)
	return nil
}

// replies reads one page of a thread. The thread's first message, which each
// page repeats, is known already.
func (b *backfill) replies(ctx context.Context) error {
	thread := b.Threads[0]
	args := url.Values{"channel": {b.Left[0].ID}, "ts": {thread}, "limit": {strconv.Itoa(b.pace.limit)}}
	if !b.since.IsZero() {
		args.Set("oldest", stampOf(b.since))
	}
	if b.Page != "" {
		args.Set("cursor", b.Page)
	}
	b.Replies = b.app.Now().UnixMilli()
	a, err := b.messages(ctx, "conversations.replies", args, func(*messageEvent) {})
	switch {
	case code(err) == "invalid_cursor" && b.Page != "":
		b.Page = "" // from the thread's beginning
		return nil
	case code(err) == "thread_not_found", code(err) == "message_not_found":
		a = answer{}
	case closed(err):
		b.blind()
		return nil
	case err != nil:
		return err
	}
	if b.Page = a.next; a.next == "" {
		b.Threads = b.Threads[1:]
	}
	return nil
}

// messages reads one page, and calls each with what could be read.
func (b *backfill) messages(ctx context.Context, method string, args url.Values, each func(e *messageEvent)) (answer, error) {
	channel := b.Left[0].ID
	return call(ctx, b.app, b.conn.Credentials.Access, method, args, func(key string, v jsonstream.Value) error {
		switch key {
		case "is_limited":
			return boolean(v, &b.Limited)
		case "messages":
			return elements(v, func(raw []byte) {
				e := messageEvent{}
				if object(raw, e.field) != nil {
					return
				}
				e.message.channel = channel
				if e.ts = string(parseStamp(e.ts)); e.ts == "" {
					return
				}
				e.parentUser, e.inner = first(e.parentUser, e.root), nil
				b.message(&e)
				each(&e)
			})
		}
		return nil
	})
}

func (b *backfill) message(e *messageEvent) {
	r := reading{account: b.conn.ExternalID, envelope: &envelope{enterprise: b.conn.Settings[settingEnterprise]}}
	s := scope{channel: e.message.channel, outside: r.foreign(e.team), bot: slices.Contains(b.Bots, e.user)}
	b.add(liveMessage, s.String(), s.channel+"/"+e.ts, e.record(b.conn.KeepText))
}

// opens says whether a message begins a thread with replies since a moment.
func (e *messageEvent) opens(since time.Time) bool {
	if e.replies == 0 || e.thread != "" && string(parseStamp(e.thread)) != e.ts {
		return false
	}
	latest := parseStamp(e.latest).time()
	return since.IsZero() || latest.IsZero() || !latest.Before(since)
}

// stampOf writes a moment as Slack does.
func stampOf(t time.Time) string {
	micro := t.UnixMicro()
	return fmt.Sprintf("%d.%06d", micro/1e6, micro%1e6)
}

// source tells what the history showed: how far back it goes, and whether Slack
// holds older messages back, as it does on its free plan.
func (b *backfill) source() *community.Source {
	s := &community.Source{
		Platform: platform, ExternalID: b.conn.ExternalID, Name: b.conn.Name, Measures: measures(), Decisions: map[string]string{},
	}
	if at := stamp(b.Oldest).time(); !at.IsZero() && b.since.IsZero() {
		s.Decisions[connectors.DecisionOldest] = at.Format(time.RFC3339)
	}
	if b.Limited {
		s.Decisions["history"] = "limited"
	}
	return s
}
