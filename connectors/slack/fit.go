package slack

import "github.com/foyer-app/foyer/internal/community"

// freeDays is how far back Slack shows messages on its free plan.
const freeDays = 90

// Fit says that the free plan hides what is older.
func (connector) Fit() community.Fit {
	return community.Fit{History: map[string]int{freePlan: freeDays}}
}
