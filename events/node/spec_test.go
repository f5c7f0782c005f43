package node_test

import (
	"os"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// The specification: what every server of this protocol does, tried through
// the public client. It runs against a node of its own and, when
// PLAYCAST_SPEC_ESDB is a connection string, against that store as well, where
// others may append at the same time. The cases are in spec_*_test.go.

// specTarget names a further store for the specification.
const specTarget = "PLAYCAST_SPEC_ESDB"

// onEachStore runs the cases on each store.
func onEachStore(t *testing.T, cases func(t *testing.T, client *esdb.Client)) {
	t.Helper()
	t.Parallel()
	t.Run("node", func(t *testing.T) {
		cases(t, connect(t, open(t, t.TempDir()).ConnectionString()))
	})
	if target := os.Getenv(specTarget); target != "" {
		t.Run("other", func(t *testing.T) { cases(t, connect(t, target)) })
	}
}
