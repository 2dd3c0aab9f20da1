package kpi

// messagesPerActive is messages ÷ active members over the window. Unit:
// messages per member. Both counts are of the same people.
//
// Who only reacted is active and lowers it. Nobody active: no number
// ("no_active_members"). A slight fall is healthy when new people begin to
// speak, so neither direction is the better one. Coverage: the share of the
// window's days from the first activity to the horizon. Source: Foyer KPI
// definitions, Health.
func messagesPerActive() KPI {
	return KPI{"messages_per_active", MessagesPerMember, "messages_per_active/1", Neither, func(q query) Value {
		v := ratio(q.sum(messages), q.s.Actives(q.w, q.p), q.days(), NoActive)
		v.Notes = q.activity()
		return v
	}}
}
