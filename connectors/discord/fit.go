package discord

import "github.com/foyer-app/foyer/internal/community"

// Fit says from which share on a server is one channel with a frame around it.
func (Connector) Fit() community.Fit { return community.Fit{OneChannel: 0.9} }
