//go:build !linux && !darwin

package devpg

import (
	"context"
	"errors"
)

// Cluster does not exist on this system.
type Cluster struct{}

// Start fails: this system has no embedded database.
func Start(context.Context, Config) (*Cluster, error) {
	return nil, errors.New("devpg: the embedded database runs on Linux and macOS only; set DATABASE_URL")
}

// URL is empty.
func (*Cluster) URL(string) string { return "" }

// Started is false.
func (*Cluster) Started() bool { return false }

// Version is zero.
func (*Cluster) Version() int { return 0 }

// PID is zero.
func (*Cluster) PID() int { return 0 }

// SocketDir is empty.
func (*Cluster) SocketDir() string { return "" }

// Stop does nothing.
func (*Cluster) Stop(context.Context) error { return nil }
