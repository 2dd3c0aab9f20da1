package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// BenchmarkWebhook sends signed deliveries of one message each over loopback to a
// web process and a worker, with a durable database:
//
//   - visible: one message at a time on a day of its own, until the series that
//     pages read has it;
//   - flood: as fast as they are taken, from 64 connections. accepted/s is up to
//     the last answer, stored/s until the last is an activity;
//   - paced: FOYER_BENCH_RATE (5,000) a second, each time taken from when the
//     request was due, so that a stall counts for all that it delays.
//
// FOYER_BENCH_SECONDS (5) is the length of the last two.
func BenchmarkWebhook(b *testing.B) {
	for n, name := range []string{"slack", "whatsapp"} {
		b.Run(name, func(b *testing.B) {
			h := newHammer(b, n)
			b.Run("visible", h.visible)
			h.worlds.clock.Store(time.Now().AddDate(0, 0, -3*benchDays).UnixNano())
			b.Run("flood", h.flood)
			b.Run("paced", h.paced)
		})
	}
}

// hammer is an installation and what is thrown at one of its webhooks.
type hammer struct {
	*soak
	world int
}

// benchDays is how many days the messages of one part are spread over.
const benchDays = 8

func newHammer(b *testing.B, world int) *hammer {
	b.Helper()
	h := &hammer{install(b, 400, 1000, 1), world}
	_ = h.worlds.take() // what making the worlds told
	h.start(roleWeb, roleWeb)
	h.start(roleWorker, roleWorker)
	h.await("the server", h.ready)
	h.await("the history", func() bool { // which would bring what is not delivered yet
		n := -1
		err := h.store.Pool().QueryRow(store.Across(b.Context()), `select count(*) from backfill where state = 'running'`).Scan(&n)
		return err == nil && n == 0
	})
	return h
}

// requests are n of them, signed now.
func (h *hammer) requests(n int, step time.Duration) [][]byte {
	w := h.worlds
	for i := range n {
		w.clock.Add(int64(step))
		if h.world == atSlack {
			w.team.Post(w.channels[i%len(w.channels)], w.users[i*7%len(w.users)], said(i))
		} else {
			w.phone.Write(w.people[i*7%len(w.people)], w.number, nil, said(i))
		}
	}
	var list []sent
	for _, e := range w.events {
		list = append(list, sent{"/hooks/slack", w.team.Envelope(e), w.signSlack})
	}
	w.events = nil
	for _, body := range w.phone.Bodies(whatsapptest.Delivery{}) {
		if h.world == atWhatsApp {
			list = append(list, sent{"/hooks/whatsapp", body, w.signWhatsApp})
		}
	}
	out := make([][]byte, len(list))
	for i, one := range list {
		header := http.Header{}
		one.sign(one.body, header)
		var b bytes.Buffer
		fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", one.path, strings.TrimPrefix(h.at, "http://"), len(one.body))
		_ = header.Write(&b) // a buffer takes everything
		b.WriteString("\r\n")
		b.Write(one.body)
		out[i] = b.Bytes()
	}
	return out
}

// said is what somebody writes, now and then a question.
func said(i int) string {
	if i%6 == 0 {
		return "Quelqu'un sait où trouver la laine du tuto de samedi ?"
	}
	return "Le rayon fil est complet, je passe demain matin."
}

// line is one connection to the server.
type line struct {
	conn net.Conn
	in   *bufio.Reader
}

func (h *hammer) dial() (*line, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.at, "http://"))
	if err != nil {
		return nil, err
	}
	return &line{conn, bufio.NewReader(conn)}, nil
}

// send makes one request and waits for its answer.
func (l *line) send(request []byte) error {
	if _, err := l.conn.Write(request); err != nil {
		return err
	}
	res, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}

// fire sends requests from several connections until all are sent or the time is
// over; with a rate, each when it is due. It returns how long each answer took.
func (h *hammer) fire(b *testing.B, requests [][]byte, lines, rate int, longest time.Duration) (took []time.Duration, elapsed time.Duration) {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	var mu sync.Mutex
	began := time.Now()
	for range lines {
		all.Go(func() {
			l, err := h.dial()
			if err != nil {
				b.Error(err)
				return
			}
			defer l.conn.Close()
			var own []time.Duration
			for i := next.Add(1) - 1; int(i) < len(requests) && time.Since(began) < longest; i = next.Add(1) - 1 {
				due := time.Now()
				if rate > 0 {
					due = began.Add(time.Duration(i) * time.Second / time.Duration(rate))
					time.Sleep(time.Until(due))
				}
				if err := l.send(requests[i]); err != nil {
					b.Error(err)
					break
				}
				own = append(own, time.Since(due))
			}
			mu.Lock()
			took = append(took, own...)
			mu.Unlock()
		})
	}
	all.Wait()
	return took, time.Since(began)
}

// drained waits until nothing waits in the inbox.
func (h *hammer) drained(b *testing.B) {
	b.Helper()
	h.await("the inbox to be empty", func() bool {
		n := -1
		err := h.store.Pool().QueryRow(store.Across(b.Context()), `select count(*) from (select from inbox where drained_at is null limit 1) x`).Scan(&n)
		return err == nil && n == 0
	})
}

func (h *hammer) flood(b *testing.B) {
	span := time.Duration(setting("FOYER_BENCH_SECONDS", 5)) * time.Second
	for b.Loop() {
		requests := h.requests(int(span.Seconds())*20_000, benchDays*24*time.Hour/time.Duration(span.Seconds()*20_000))
		web, worker, database := h.spent()
		began := time.Now()
		took, elapsed := h.fire(b, requests, 64, 0, span)
		b.ReportMetric(float64(len(took))/elapsed.Seconds(), "accepted/s")
		h.drained(b)
		b.ReportMetric(float64(len(took))/time.Since(began).Seconds(), "stored/s")
		webAfter, workerAfter, databaseAfter := h.spent()
		each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(max(len(took), 1)) }
		b.ReportMetric(each(webAfter-web), "web-cpu-µs")
		b.ReportMetric(each(workerAfter-worker), "worker-cpu-µs")
		b.ReportMetric(each(databaseAfter-database), "database-cpu-µs")
		reportTimes(b, took, "ack")
	}
}

// spent is the time of the processors until now: what a shared machine gives
// changes, what a delivery costs does not.
func (h *hammer) spent() (web, worker, database time.Duration) {
	return h.roles[roleWeb].spent(), h.roles[roleWorker].spent(), h.database.Spent()
}

func (h *hammer) paced(b *testing.B) {
	seconds, rate := setting("FOYER_BENCH_SECONDS", 5), setting("FOYER_BENCH_RATE", 5000)
	for b.Loop() {
		h.settled(b)
		requests := h.requests(seconds*rate, benchDays*24*time.Hour/time.Duration(seconds*rate))
		took, elapsed := h.fire(b, requests, 128, rate, time.Minute)
		b.ReportMetric(float64(len(took))/elapsed.Seconds(), "accepted/s")
		reportTimes(b, took, "ack")
		h.drained(b)
	}
}

// visible delivers messages on days of their own, a few a second.
func (h *hammer) visible(b *testing.B) {
	const probes, gap = 60, 150 * time.Millisecond
	for b.Loop() {
		from := community.DateOf(h.worlds.now(), time.UTC)
		requests := h.requests(probes, 24*time.Hour)
		sentAt, took := make([]time.Time, probes), make([]time.Duration, probes)
		var mu sync.Mutex
		var sender sync.WaitGroup
		sender.Go(func() {
			l, err := h.dial()
			if err != nil {
				b.Error(err)
				return
			}
			defer l.conn.Close()
			for i, request := range requests {
				mu.Lock()
				sentAt[i] = time.Now()
				mu.Unlock()
				if err := l.send(request); err != nil {
					b.Error(err)
				}
				time.Sleep(gap)
			}
		})
		h.await("the messages on the page", func() bool {
			series, err := h.store.Series(b.Context(), h.coms[h.world], community.Window{From: from, To: from + probes + 2})
			if err != nil {
				return false
			}
			now := time.Now()
			mu.Lock()
			defer mu.Unlock()
			for _, d := range series.Days {
				i := int(d.Date - from - 1)
				if d.Members.Messages+d.Team.Messages > 0 && i >= 0 && i < probes && took[i] == 0 {
					took[i] = now.Sub(sentAt[i])
				}
			}
			return !slices.Contains(took, 0)
		})
		sender.Wait()
		reportTimes(b, took, "visible")
	}
}

// settled waits until every day is recomputed.
func (h *hammer) settled(b *testing.B) {
	b.Helper()
	h.await("the figures", func() bool {
		n, err := h.store.DirtyDays(b.Context(), h.coms[h.world].Scope)
		return err == nil && n == 0
	})
}

// reportTimes prints how long most took, and nearly all.
func reportTimes(b *testing.B, took []time.Duration, what string) {
	b.Helper()
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[min(int(share*float64(len(took))), len(took)-1)].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), what+"-p50-ms")
	b.ReportMetric(at(0.99), what+"-p99-ms")
	b.ReportMetric(0, "ns/op")
}
