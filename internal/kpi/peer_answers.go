package kpi

// peerAnswers is the questions first answered by a member ÷ the answered
// questions, among those asked in the window. Unit: fraction. It is the basis of
// support deflection.
//
// Nobody asked: no number ("no_questions"). No question has a reply: none
// ("no_answers"). A source that cannot tell what answers what: none
// ("replies_not_measured"). Coverage: the share of questions that have a reply.
// Source: Foyer KPI definitions, Health.
func peerAnswers() KPI {
	return KPI{"peer_answers", Fraction, "peer_answers/1", Higher, func(q query) Value {
		if !q.replies() {
			return Value{Reason: RepliesNotMeasured}
		}
		peers, team, waiting := q.questions()
		v := ratio(peers, peers+team, share(peers+team, peers+team+waiting), NoQuestions)
		if v.Reason != "" && waiting > 0 {
			v.Reason = NoAnswers
		}
		v.Notes = append(q.turns(), q.membersOnly()...)
		return v
	}}
}
