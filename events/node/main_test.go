package node_test

import (
	"os"
	"testing"
)

// childDir in the environment makes the test binary a program that appends to
// a node until it is killed: see crash_test.go.
const childDir = "PLAYCAST_NODE_CHILD_DIR"

// serveDir makes it one that serves a node until it is killed: see
// persistent_crash_test.go.
const serveDir = "PLAYCAST_NODE_SERVE_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(appendUntilKilled(dir))
	}
	if dir := os.Getenv(serveDir); dir != "" {
		os.Exit(serveUntilKilled(dir))
	}
	os.Exit(m.Run())
}
