package sample

import (
	"testing"
	"time"
)

func TestLook(t *testing.T) {
	start := time.Now()
	s := Generate(1, time.Date(2025, 11, 25, 18, 0, 0, 0, time.UTC))
	t.Log(time.Since(start), len(s.People), len(s.Events))
	for p := range Place(3) {
		t.Logf("%+v", s.Count(p))
	}
	type wk struct{ msgs, act, joins, leaves, replies, mm int }
	weeks := map[int]*wk{}
	seen := map[[2]int]bool{}
	for _, e := range s.Events {
		n := int(e.At.Sub(s.From).Hours() / 24 / 7)
		w := weeks[n]
		if w == nil {
			w = &wk{}
			weeks[n] = w
		}
		switch e.Kind {
		case Message:
			w.msgs++
			if e.Target >= 0 {
				w.replies++
				if !s.People[e.Person].Team && !s.People[s.Events[e.Target].Person].Team {
					w.mm++
				}
			}
		case Join:
			w.joins++
		case Leave:
			w.leaves++
		}
		if (e.Kind == Message || e.Kind == Reaction) && !seen[[2]int{n, e.Person}] {
			seen[[2]int{n, e.Person}] = true
			w.act++
		}
	}
	for n := range 53 {
		w := weeks[n]
		t.Logf("%d %s %+v %.2f", n, s.From.AddDate(0, 0, 7*n).Format("02 Jan"), *w, float64(w.mm)/float64(max(1, w.replies)))
	}
	for _, e := range s.Events[len(s.Events)-60:] {
		t.Log(e.At.Format("02 15:04"), e.Kind, s.People[e.Person].Name, e.Text, e.Emoji)
	}
}
