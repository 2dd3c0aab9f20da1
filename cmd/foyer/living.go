package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/connectors/discord/discordtest"
	"github.com/foyer-app/foyer/connectors/sample"
	"github.com/foyer-app/foyer/connectors/slack/slacktest"
	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
)

// stage is a stand-in of a platform on which its place of the sample story lives.
// Play, Deliver and Trouble are called by one goroutine.
type stage interface {
	Place() sample.Place
	// Settings are what an instance says to reach it: the names of its variables
	// behind FOYER_<PLATFORM>_.
	Settings() map[string]string
	// Verify asks the instance's webhook whether it is one.
	Verify(ctx context.Context) error
	// Connected says whether the instance is installed.
	Connected() bool
	// Agree answers a page of authorization as a visitor, and returns where the
	// browser goes from there. The client follows no redirects.
	Agree(ctx context.Context, client *http.Client, page string) (string, error)
	// Play lets an event of the story happen now.
	Play(event int)
	// Deliver tells the instance by its webhook what has happened.
	Deliver(ctx context.Context) error
	// Trouble lets the nth thing go wrong, and names it: "cli.live.<name>".
	Trouble(ctx context.Context, n int) (string, error)
	Close() error
}

// part is one platform of the living community.
type part struct {
	stage
	connector connectors.Connector
	future    []int // of the story; told anew when it is over
	played    int
	troubles  int
	known     bool // that it is connected
}

// living is a community on stand-ins of all platforms, for foyer demo --live.
type living struct {
	story sample.Story
	parts []*part // in the order of the connectors
	made  ingest.Sample
	group community.Community // what the town's group is for
}

// What the living community is made of.
const (
	livingSeed   = 1
	livingPast   = 42 // days of history
	briefPast    = 21 // of the workspace, whose platform tells one thread at a time
	livingFuture = 40 // days of story ahead: hours at an ordinary pace
)

// newLiving starts the stand-ins for an instance at an address. The same moment
// gives the same community.
func newLiving(base *url.URL, now time.Time) (*living, error) {
	l := &living{story: sample.Generate(livingSeed, now.AddDate(0, 0, livingFuture))}
	for _, c := range all.List() {
		s, ok := c.(connectors.Sampler)
		if !ok {
			continue
		}
		name, past := string(c.Platform()), livingPast
		if s.SamplePlace() == sample.Workspace {
			past = briefPast
		}
		o := sample.Staging{
			Story: &l.story, Since: now.AddDate(0, 0, -past), Now: now,
			Redirect: base.JoinPath("connect", name, "callback").String(), Hook: base.JoinPath("hooks", name).String(),
		}
		st, err := newStage(s.SamplePlace(), o)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("living community: %w", err), l.close())
		}
		l.parts = append(l.parts, &part{stage: st, connector: c, future: o.Future(s.SamplePlace())})
	}
	return l, nil
}

func newStage(place sample.Place, o sample.Staging) (stage, error) {
	switch place {
	case sample.Server:
		return discordtest.NewStage(o)
	case sample.Workspace:
		return slacktest.NewStage(o)
	case sample.Group:
		return whatsapptest.NewStage(o)
	}
	return nil, fmt.Errorf("nobody plays place %d", place)
}

func (l *living) close() error {
	var err error
	for _, p := range l.parts {
		err = errors.Join(err, p.Close())
	}
	return err
}

// vars is the environment of an instance that is registered with the stand-ins.
func (l *living) vars() map[string]string {
	vars := map[string]string{}
	for _, p := range l.parts {
		for key, value := range p.Settings() {
			vars["FOYER_"+strings.ToUpper(string(p.connector.Platform()))+"_"+key] = value
		}
	}
	return vars
}

// home is the community that a part is meant for. The group stands apart: its
// platform does not tell who comes and goes, which would leave the arrivals of the
// others unmeasured.
func (l *living) home(p *part) community.Community {
	if p.Place() == sample.Group {
		return l.group
	}
	return l.made.Main
}

// When something goes wrong, counted from the beginning of the play and from the
// time before. A limit lasts for less.
const (
	firstTrouble = 45 * time.Second
	troubleEvery = time.Minute
)

// play lets the story go on until the context ends: about pace things a minute,
// and now and then something goes wrong. say tells of what is worth knowing.
func (l *living) play(ctx context.Context, pace int, log *slog.Logger, say func(key string, p *part)) {
	r := rand.New(rand.NewPCG(livingSeed, 0x11fe))
	every, trouble, rounds := time.Minute/time.Duration(pace), time.Now().Add(firstTrouble), 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(float64(every) * (.5 + r.Float64()))):
		}
		l.draw(r).next()
		for _, p := range l.parts {
			if err := p.Deliver(ctx); err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "the stand-in could not deliver", slog.String("platform", string(p.connector.Platform())), slog.Any("error", err))
			}
		}
		connected := l.connected(say)
		if time.Now().Before(trouble) || len(connected) == 0 {
			continue
		}
		p := connected[rounds%len(connected)]
		trouble, rounds = time.Now().Add(troubleEvery), rounds+1
		p.troubles++
		if name, err := p.Trouble(ctx, p.troubles-1); err == nil {
			say("cli.live."+name, p)
		}
	}
}

// draw chooses where the next thing happens: half of it on the server.
func (l *living) draw(r *rand.Rand) *part {
	if x := r.IntN(2 * len(l.parts)); x < len(l.parts) {
		return l.parts[x]
	}
	return l.parts[0]
}

// next lets the part's next event happen. A story that is over begins again where
// the future did.
func (p *part) next() {
	if len(p.future) == 0 {
		return
	}
	p.Play(p.future[p.played%len(p.future)])
	p.played++
}

// connected are the parts that somebody has connected; what is new is said.
func (l *living) connected(say func(key string, p *part)) []*part {
	var list []*part
	for _, p := range l.parts {
		now := p.Connected()
		if now && !p.known {
			say("cli.live.connected", p)
		}
		if p.known = now; now {
			list = append(list, p)
		}
	}
	return list
}
