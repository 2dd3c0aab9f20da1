package discord

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// cursorAt is where a backfill stands; its text is JSON.
type cursorAt struct {
	Since    int64    `json:"since,omitempty"` // Unix milliseconds; 0 reads everything
	Surveyed bool     `json:"surveyed,omitempty"`
	Queue    []queued `json:"queue,omitempty"` // channels and open threads that are left; the first is being read
	Total    int      `json:"total,omitempty"` // that the queue began with
	// Of the first in the queue:
	Stage   stage    `json:"stage,omitempty"`
	Before  string   `json:"before,omitempty"`  // message id, or the time of a closed thread
	After   string   `json:"after,omitempty"`   // message id
	Newest  string   `json:"newest,omitempty"`  // message id
	Threads []queued `json:"threads,omitempty"` // of this page of closed ones
	Archive string   `json:"archive,omitempty"` // where the next page of closed ones begins
	More    bool     `json:"more,omitempty"`
	Edge    []string `json:"edge,omitempty"` // threads closed in the very moment that the page ended with

	Pages int     `json:"pages,omitempty"` // read so far
	Best  float64 `json:"best,omitempty"`  // progress told so far
}

// queued is a channel to read.
type queued struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	Thread  bool   `json:"thread,omitempty"`
	Forum   bool   `json:"forum,omitempty"`   // holds threads only
	Threads bool   `json:"threads,omitempty"` // can have closed ones
	Private bool   `json:"private,omitempty"` // and private closed ones that we may list
	Last    string `json:"last,omitempty"`    // the newest message
}

// stage is what of a channel is being read.
type stage int

const (
	stageMessages stage = iota
	stagePublic
	stagePrivate
)

// What a step does.
const (
	doSurvey = iota
	doMessages
	doArchive
)

// task is one step.
type task struct {
	do            int
	channel, name string
	thread        bool
	private       bool
	before, after string
}

// readCursor continues at a cursor. One that cannot be read begins anew: that
// costs time and changes nothing.
func readCursor(text string, since time.Time) *cursorAt {
	at := &cursorAt{}
	if text != "" && json.Unmarshal([]byte(text), at) == nil {
		return at
	}
	at = &cursorAt{}
	if !since.IsZero() {
		at.Since = max(1, since.UnixMilli())
	}
	return at
}

func (at *cursorAt) String() string {
	raw, err := json.Marshal(at)
	if err != nil {
		return "" // plain fields cannot fail
	}
	return string(raw)
}

func (at *cursorAt) done() bool { return at.Surveyed && len(at.Queue) == 0 }

// start is the message id that since begins at; empty without.
func (at *cursorAt) start() string {
	if at.Since <= epoch {
		return ""
	}
	return strconv.FormatInt((at.Since-epoch)<<22, 10)
}

// stale says that nothing in a channel can be newer than since.
func (at *cursorAt) stale(last string) bool {
	return at.Since != 0 && numeric(last) && compareIDs(last, at.start()) < 0
}

// add appends a channel of the survey. One without anything new is left out
// unless threads may hang on it.
func (at *cursorAt) add(c wireChannel, private bool) {
	q := queued{
		ID: c.ID, Name: cut(clean(c.Name), maxTag), Thread: c.thread(), Forum: c.forum(), Last: c.LastMessage,
		Threads: c.Type == 0 || c.Type == 5 || c.forum(),
	}
	q.Private = private && c.Type == 0
	if !q.Threads && at.stale(q.Last) {
		return
	}
	at.Queue = append(at.Queue, q)
}

// next returns what the next step does.
func (at *cursorAt) next() task {
	if !at.Surveyed || len(at.Queue) == 0 {
		return task{do: doSurvey}
	}
	head := at.Queue[0]
	if len(at.Threads) > 0 {
		head = at.Threads[0]
	} else if at.Stage == stageMessages && (head.Forum || at.stale(head.Last)) {
		at.Stage = stagePublic
	}
	t := task{do: doMessages, channel: head.ID, name: head.Name, thread: head.Thread, before: at.Before, after: at.After}
	if at.Stage == stageMessages || len(at.Threads) > 0 {
		if at.Since != 0 && at.After == "" {
			t.after = cmp.Or(at.start(), "0")
		}
		return t
	}
	return task{do: doArchive, channel: head.ID, name: head.Name, private: at.Stage == stagePrivate, before: at.Archive}
}

// read takes note of a page of messages: its lowest and highest id, and whether
// it was full.
func (at *cursorAt) read(lowest, highest string, full bool) {
	if at.Newest == "" {
		at.Newest = highest
	}
	switch {
	case !full || lowest == "":
		at.finish()
	case at.Since != 0:
		at.After = highest
	default:
		at.Before = lowest
	}
}

// finish ends the messages of the channel or thread being read.
func (at *cursorAt) finish() {
	at.Before, at.After, at.Newest = "", "", ""
	if len(at.Threads) > 0 {
		at.Threads = at.Threads[1:]
		if len(at.Threads) == 0 && !at.More {
			at.advance()
		}
		return
	}
	at.advance()
}

// advance goes to the next stage of the channel, or to the next channel.
func (at *cursorAt) advance() {
	at.Archive, at.More, at.Edge, at.Threads = "", false, nil, nil
	head := at.Queue[0]
	switch {
	case at.Stage == stageMessages && head.Threads:
		at.Stage = stagePublic
	case at.Stage == stagePublic && head.Private:
		at.Stage = stagePrivate
	default:
		at.Stage, at.Queue = stageMessages, at.Queue[1:]
	}
}

// skip goes past what is being read.
func (at *cursorAt) skip() {
	if len(at.Threads) > 0 || at.Stage == stageMessages {
		at.finish()
		return
	}
	at.advance()
}

// queueThread says whether a closed thread is to be read: it is new on this page,
// and something may have been written in it since.
func (at *cursorAt) queueThread(t wireChannel) bool {
	for _, id := range at.Edge {
		if id == t.ID {
			return false
		}
	}
	if closed, ok := instant(t.Thread.ArchivedAt); ok && at.Since != 0 && closed.UnixMilli() < at.Since || at.stale(t.LastMessage) {
		return false
	}
	at.Threads = append(at.Threads, queued{ID: t.ID, Name: cut(clean(t.Name), maxTag), Thread: true, Last: t.LastMessage})
	return true
}

// archived takes note of a page of closed threads, the one closed last first.
// Threads closed in the moment that the page ends with may stand on the next
// one too, so that begins a millisecond later and leaves out those known.
func (at *cursorAt) archived(page []wireChannel, more bool) {
	at.More = false
	if more && len(page) > 0 {
		last, ok := instant(page[len(page)-1].Thread.ArchivedAt)
		old := at.Since != 0 && ok && last.UnixMilli() < at.Since
		next := last.Add(time.Millisecond).Format("2006-01-02T15:04:05.000Z07:00")
		if next == at.Archive { // the whole page is of one moment: go on below it
			next = last.Format("2006-01-02T15:04:05.000Z07:00")
		}
		if ok && !old {
			at.Archive, at.More = next, true
		}
		at.Edge = nil
		for _, t := range page {
			if closed, ok := instant(t.Thread.ArchivedAt); ok && closed.Equal(last) {
				at.Edge = append(at.Edge, t.ID)
			}
		}
	}
	if len(at.Threads) == 0 && !at.More {
		at.advance()
	}
}

// progress is the part of the queue that was read; it never falls.
func (at *cursorAt) progress() float64 {
	switch {
	case at.done():
		return 1
	case at.Total > 0:
		p := (float64(at.Total-len(at.Queue)) + at.within()) / float64(at.Total)
		at.Best = max(at.Best, min(p, 0.999))
	}
	return at.Best
}

// within is the part of the channel being read, by the time that its messages span.
func (at *cursorAt) within() float64 {
	if len(at.Queue) == 0 || at.Stage != stageMessages || at.Newest == "" {
		return 0
	}
	first, ok1 := snowflake(at.Queue[0].ID)
	newest, ok2 := snowflake(at.Newest)
	here, ok3 := snowflake(at.Before)
	if !ok1 || !ok2 || !ok3 || !newest.After(first) {
		return 0
	}
	return min(1, max(0, float64(newest.Sub(here))/float64(newest.Sub(first))))
}

// left estimates the time that remains from the pages read so far.
func (at *cursorAt) left() time.Duration {
	if at.Best <= 0 || at.done() {
		return 0
	}
	pages := float64(at.Pages) * (1 - at.Best) / at.Best
	return time.Duration(pages / requestsPerSecond * float64(time.Second)).Round(time.Second)
}

// compareIDs orders snowflakes, which are numbers of up to 20 digits.
func compareIDs(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
