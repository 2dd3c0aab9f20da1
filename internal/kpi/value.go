package kpi

import (
	"encoding/json"
	"fmt"
)

// Value is one KPI over one window.
type Value struct {
	Key    string
	Number float64 // meaningless when Reason is set
	Reason string  // why there is no number; empty when there is one
	Unit   Unit
	// Numerator and Denominator are the counts behind the number, where known;
	// a plain count has no denominator. They may stand without a number.
	Numerator, Denominator *float64
	// Coverage is the share, 0 to 1, of the needed data that was there.
	Coverage float64
	Notes    []string // keys of remarks that must be shown with the number
	// Previous is the number of the period of the same length that ends where
	// this one begins; nil with PreviousReason when there is none.
	Previous       *float64
	PreviousReason string
	Formula        string
	Facts          any // named figures that stand beside the number, by KPI
	Rows           any // the list behind the number, by KPI
}

// The reasons for which there is no number.
const (
	NoData             = "no_data"              // nothing at all has been stored
	NotLoaded          = "not_loaded"           // the series does not reach that far
	EmptyPeriod        = "empty_period"         // the window has no day
	BeforeFirst        = "before_first"         // the window lies, or the previous one begins, before the first activity
	AfterHorizon       = "after_horizon"        // the sources end before the window begins
	TooEarly           = "too_early"            // the days needed are not over
	NoMembers          = "no_members"           // nobody was a member
	NoActive           = "no_active_members"    // nobody wrote or reacted
	NoDepartures       = "no_departures"        // nobody left
	NoJoins            = "no_joins"             // nobody joined
	NoExchanges        = "no_exchanges"         // nobody addressed anybody
	NoContributions    = "no_contributions"     // nobody wrote
	NoQuestions        = "no_questions"         // no member asked anything
	NoAnswers          = "no_answers"           // no question has a reply
	HalfUnanswered     = "half_unanswered"      // fewer than half have a reply: no median
	JoinsNotMeasured   = "joins_not_measured"   // a source cannot tell who joined when
	LeavesNotMeasured  = "leaves_not_measured"  // a source cannot tell who left
	RepliesNotMeasured = "replies_not_measured" // a source cannot tell what answers what
	Unlinked           = "exchanges_unlinked"   // the source names nobody's counterpart
)

// The notes beside a number.
const (
	InferredJoins        = "inferred_joins"         // a membership begins at first sight
	UnknownJoins         = "unknown_joins"          // people appeared whose join nobody saw: not counted
	UndatedMembers       = "undated_members"        // listed members never seen: not counted
	InferredTurns        = "inferred_turns"         // exchanges follow from who writes after whom
	ReactionsNotMeasured = "reactions_not_measured" // activity is writing alone
	PeriodNotOver        = "period_not_over"        // the sources end inside the window
	PartlyBeforeFirst    = "partly_before_first"    // the window begins before the first activity
	MembersOnly          = "members_only"           // the switch for the team changes nothing here
	StayedNotMeasured    = "stayed_not_measured"    // leaving is unknown: only activity is shown
)

// Reasons lists every reason, for the catalogues.
func Reasons() []string {
	return []string{
		NoData, NotLoaded, EmptyPeriod, BeforeFirst, AfterHorizon, TooEarly, NoMembers, NoActive,
		NoDepartures, NoJoins, NoExchanges, NoContributions, NoQuestions, NoAnswers, HalfUnanswered,
		JoinsNotMeasured, LeavesNotMeasured, RepliesNotMeasured, Unlinked,
	}
}

// Notes lists every note, for the catalogues.
func Notes() []string {
	return []string{
		InferredJoins, UnknownJoins, UndatedMembers, InferredTurns, ReactionsNotMeasured,
		PeriodNotOver, PartlyBeforeFirst, MembersOnly, StayedNotMeasured,
	}
}

// MarshalJSON writes the value for the API and the command line: value is null
// when there is a reason, reason is null when there is a value.
func (v Value) MarshalJSON() ([]byte, error) {
	out := struct {
		Value          *float64 `json:"value"`
		Unit           Unit     `json:"unit"`
		Numerator      *float64 `json:"numerator"`
		Denominator    *float64 `json:"denominator"`
		Coverage       float64  `json:"coverage"`
		Reason         *string  `json:"reason"`
		Previous       *float64 `json:"previous"`
		PreviousReason *string  `json:"previous_reason"`
		Formula        string   `json:"formula"`
		Notes          []string `json:"notes"`
		Facts          any      `json:"facts,omitempty"`
		Rows           any      `json:"rows,omitempty"`
	}{
		Unit: v.Unit, Numerator: v.Numerator, Denominator: v.Denominator, Coverage: v.Coverage,
		Reason: orNull(v.Reason), Previous: v.Previous, PreviousReason: orNull(v.PreviousReason),
		Formula: v.Formula, Notes: append([]string{}, v.Notes...), Facts: v.Facts, Rows: v.Rows,
	}
	if v.Reason == "" {
		out.Value = &v.Number
	}
	data, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("kpi: encode %s: %w", v.Key, err)
	}
	return data, nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func number(n int) *float64 {
	f := float64(n)
	return &f
}

// count is a plain number of things.
func count(n int, coverage float64) Value {
	return Value{Number: float64(n), Numerator: number(n), Coverage: coverage}
}

// ratio is n ÷ of, or the reason when of is 0.
func ratio(n, of int, coverage float64, reason string) Value {
	v := Value{Numerator: number(n), Denominator: number(of), Coverage: coverage}
	if of == 0 {
		v.Reason = reason
		return v
	}
	v.Number = float64(n) / float64(of)
	return v
}

// share is n ÷ of, 1 of nothing: nothing was missing.
func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}
