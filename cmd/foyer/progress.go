package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/foyer-app/foyer/internal/store"
)

// bar draws how far an import has come, on a terminal only.
type bar struct {
	t     terminal
	on    bool
	start time.Time
	first int64 // bytes read when the bar began: a resumed import starts ahead
}

func newBar(t terminal, quiet bool) *bar {
	return &bar{t: t, on: !quiet && interactive(t.err), start: time.Now(), first: -1}
}

// interactive says whether a person sits at the other end.
func interactive(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

const barWidth = 30

func (b *bar) show(i store.Import) {
	if !b.on || i.BytesTotal <= 0 {
		return
	}
	if b.first < 0 {
		b.first = i.BytesRead
	}
	share := min(1, float64(i.BytesRead)/float64(i.BytesTotal))
	full := int(share * barWidth)
	l := b.t.locale
	fmt.Fprintf(b.t.err, "\r\x1b[K[%s%s] %s  %s", strings.Repeat("█", full), strings.Repeat("·", barWidth-full),
		l.Percent(share, 0), l.T("cli.progress", "records", l.Int(i.Payloads), "left", b.left(i)))
}

// left is the time that the rest takes at the pace so far.
func (b *bar) left(i store.Import) string {
	read := i.BytesRead - b.first
	if read <= 0 || time.Since(b.start) < time.Second {
		return "…"
	}
	rest := time.Duration(float64(time.Since(b.start)) * float64(i.BytesTotal-i.BytesRead) / float64(read))
	return b.t.locale.Duration(rest.Round(time.Second))
}

func (b *bar) clear() {
	if b.on {
		fmt.Fprint(b.t.err, "\r\x1b[K")
	}
}
