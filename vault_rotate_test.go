package main

import (
	"io"
	"strings"
	"testing"
)

// TestTheNextMasterKeyFollowsOne: who names the next key and not the one that
// there is, is not given a third one.
func TestTheNextMasterKeyFollowsOne(t *testing.T) {
	t.Setenv("PLAYCAST_MASTER_KEY", "")
	t.Setenv("PLAYCAST_NEXT_MASTER_KEY", "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U=")
	err := run([]string{"vault", "--data", t.TempDir(), "rotate"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "PLAYCAST_NEXT_MASTER_KEY follows PLAYCAST_MASTER_KEY") {
		t.Errorf("it says %v", err)
	}
}
