package whatsapp

import "github.com/foyer-app/foyer/internal/community"

// Fit says beyond how many active people a group has become too loud.
func (Connector) Fit() community.Fit { return community.Fit{Crowd: 30} }
