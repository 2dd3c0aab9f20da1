package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

const (
	messagesPage = 100
	archivePage  = 100
	// requestsPerSecond estimates what the platform allows on a history.
	requestsPerSecond = 1.0
)

// Backfill reads the history of a server: its channels, then each channel's
// messages and the threads that hang on it. The whole history is read from the
// newest message to the oldest; behind since, from there to the newest. What was
// edited or deleted meanwhile is not told by the history and stays as it was.
func (c Connector) Backfill(ctx context.Context, app connectors.App, conn connectors.Connection, at string, since time.Time) (connectors.Page, error) {
	if !numeric(conn.ExternalID) {
		return connectors.Page{}, errors.New("discord: backfill: the connection has no server")
	}
	b := backfill{api: c.api(app), guild: conn.ExternalID, keep: conn.KeepText, at: readCursor(at, since), app: app, conn: conn}
	page, err := b.step(ctx)
	if err != nil {
		return connectors.Page{}, fmt.Errorf("discord: backfill: %w", err)
	}
	page.Progress = b.at.progress()
	page.Left = b.at.left()
	if !b.at.done() {
		page.Next = b.at.String()
	}
	return page, nil
}

// backfill is one step.
type backfill struct {
	*api
	app   connectors.App
	conn  connectors.Connection
	guild string
	keep  bool
	at    *cursorAt
	route route // of the last request, whose limit says when the next may come
}

func (b *backfill) step(ctx context.Context) (connectors.Page, error) {
	b.at.Pages++
	var page connectors.Page
	var err error
	switch next := b.at.next(); next.do {
	case doSurvey:
		page, err = b.survey(ctx)
	case doMessages:
		page, err = b.messages(ctx, next)
	case doArchive:
		page, err = b.archive(ctx, next)
	}
	if err == nil {
		page.Pause = b.allowance.left(b.route, b.now())
	}
	return page, err
}

// survey lists the channels and the threads that are open, and sorts out what
// the bot cannot read.
func (b *backfill) survey(ctx context.Context) (page connectors.Page, err error) {
	bot := b.conn.Settings[settingBot]
	if !numeric(bot) {
		var self wireUser
		if err := b.get(ctx, "/users/@me", nil, &self); err != nil {
			return page, err
		}
		bot = self.ID
	}
	h, err := b.holder(ctx, b.guild, bot)
	if err != nil {
		return page, revoked(err)
	}
	var channels []wireChannel
	if err := b.get(ctx, "/guilds/"+b.guild+"/channels", nil, &channels); err != nil {
		return page, revoked(err)
	}
	var open struct {
		Threads []wireChannel `json:"threads"`
	}
	if err := b.get(ctx, "/guilds/"+b.guild+"/threads/active", nil, &open); err != nil {
		return page, revoked(err)
	}
	page.Source = &community.Source{
		Platform: platform, ExternalID: b.guild, Name: clean(h.guild.Name), Measures: b.conn.Measures,
	}
	page.Payloads, page.Blind = b.queue(h, channels, open.Threads)
	return page, nil
}

// queue fills the cursor, and returns the channels as payloads and those that
// cannot be read.
func (b *backfill) queue(h holder, channels, threads []wireChannel) (payloads []connectors.Payload, blind []community.Channel) {
	slices.SortStableFunc(channels, func(a, b wireChannel) int { return compareIDs(a.ID, b.ID) })
	readable := map[string]bool{}
	for _, c := range channels {
		if !numeric(c.ID) || !c.text() && !c.forum() {
			continue
		}
		payloads = append(payloads, b.channelPayload(c))
		if !h.readable(c) {
			blind = append(blind, community.Channel{ExternalID: c.ID, Name: clean(c.Name)})
			continue
		}
		readable[c.ID] = true
		b.at.add(c, h.in(c).has(manageThreads))
	}
	for _, t := range threads {
		if numeric(t.ID) && readable[t.ParentID] {
			payloads = append(payloads, b.channelPayload(t))
			b.at.add(t, false)
		}
	}
	b.at.Surveyed = true
	b.at.Total = len(b.at.Queue)
	return payloads, blind
}

// channelPayload has a key of its own each time: a name can come back to what it was.
func (b *backfill) channelPayload(c wireChannel) connectors.Payload {
	p := payload(liveChannel, "", storedOf(b.guild, c, false))
	p.Key += "/" + strconv.FormatInt(b.now().UnixMilli(), 10)
	return p
}

// messages reads one page of a channel.
func (b *backfill) messages(ctx context.Context, do task) (page connectors.Page, err error) {
	query := url.Values{"limit": {strconv.Itoa(messagesPage)}}
	if do.after != "" {
		query.Set("after", do.after)
	} else if do.before != "" {
		query.Set("before", do.before)
	}
	var list []wireMessage
	path := "/channels/" + do.channel + "/messages"
	b.route = routeOf(http.MethodGet, "/api/v"+version+path)
	if err := b.get(ctx, path, query, &list); err != nil {
		return b.out(err, do)
	}
	var lowest, highest string
	for _, m := range list {
		if _, ok := snowflake(m.ID); !ok {
			continue
		}
		if lowest == "" || compareIDs(m.ID, lowest) < 0 {
			lowest = m.ID
		}
		if compareIDs(m.ID, highest) > 0 {
			highest = m.ID
		}
		if m.Flags&ephemeral == 0 {
			page.Payloads = append(page.Payloads, payload(liveMessage, scoped(do.channel, do.thread), scrub(m, nil, b.keep)))
		}
	}
	b.at.read(lowest, highest, len(list) >= messagesPage)
	return page, nil
}

// archive reads one page of a channel's closed threads.
func (b *backfill) archive(ctx context.Context, do task) (page connectors.Page, err error) {
	kind := "public"
	if do.private {
		kind = "private"
	}
	query := url.Values{"limit": {strconv.Itoa(archivePage)}}
	if do.before != "" {
		query.Set("before", do.before)
	}
	var answer struct {
		Threads []wireChannel `json:"threads"`
		More    bool          `json:"has_more"`
	}
	path := "/channels/" + do.channel + "/threads/archived/" + kind
	b.route = routeOf(http.MethodGet, "/api/v"+version+path)
	if err := b.get(ctx, path, query, &answer); err != nil {
		return b.out(err, do)
	}
	for _, t := range answer.Threads {
		if numeric(t.ID) && b.at.queueThread(t) {
			page.Payloads = append(page.Payloads, b.channelPayload(t))
		}
	}
	b.at.archived(answer.Threads, answer.More)
	return page, nil
}

// out goes past what cannot be read: a channel without access is blind, one
// that was deleted meanwhile is gone.
func (b *backfill) out(err error, do task) (page connectors.Page, _ error) {
	var e *apiError
	switch {
	case refusedFor(err, codeMissingAccess, codeMissingRights), errors.As(err, &e) && e.Status == http.StatusForbidden:
		if do.do == doMessages {
			page.Blind = []community.Channel{{ExternalID: do.channel, Name: do.name}}
		}
	case errors.As(err, &e) && e.Status == http.StatusNotFound:
	default:
		return page, err
	}
	b.at.skip()
	return page, nil
}
