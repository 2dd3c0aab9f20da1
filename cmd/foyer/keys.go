package main

import (
	"encoding/base32"
	"path/filepath"

	"github.com/foyer-app/foyer/internal/vault"
)

// ring is the vault's keys: FOYER_KEYS, else a file in the data directory, made at
// the first start.
func (c config) ring() (*vault.Ring, error) {
	if c.Keys != "" {
		return vault.Parse(c.Keys)
	}
	return vault.Ensure(c.keyFile())
}

// keyFile is where the keys are that no setting gives.
func (c config) keyFile() string { return filepath.Join(c.DataDir, "keys") }

// setupCode is what the first person of a reachable instance must know. It is the
// same at every start and in every process with these keys.
func setupCode(ring *vault.Ring) string {
	return base32.StdEncoding.EncodeToString(ring.MAC("setup code"))[:12]
}
