package simulation

import (
	"bytes"
	"fmt"
	"testing"
)

// small is a platform on which everything that can go wrong does within a day.
func small(seed uint64) Config { return Config{Seed: seed, Players: 200, Workers: 6, Days: 1} }

func TestWhatMustNeverBeIsInNoHistory(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			report, _, err := Run(t.Context(), small(seed))
			if err != nil {
				t.Fatal(err)
			}
			if report.Sessions < 100 || report.PlayedHours < 20 || report.PlayedHours != report.MeteredHours {
				t.Errorf("so little was lived through: %+v", report)
			}
			for _, k := range kinds {
				if report.Trouble.Faults[string(k.kind)] == 0 {
					t.Errorf("never: %s", k.kind)
				}
			}
			if report.Trouble.Conflicts == 0 {
				t.Errorf("nobody was in anybody's way: %+v", report.Trouble)
			}
		})
	}
}

func TestASeedMakesOneHistoryByteForByte(t *testing.T) {
	first, again := lines(t, small(7)), lines(t, small(7))
	if !bytes.Equal(first, again) {
		t.Error("the same seed made two histories")
	}
	if bytes.Equal(first, lines(t, small(8))) {
		t.Error("two seeds made one history")
	}
}

// lines is a history with all that is stored of it.
func lines(t *testing.T, c Config) []byte {
	t.Helper()
	_, history, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for r, err := range history.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%x %s %d %d %v %s %s %s\n", r.ID, r.Stream, r.Revision, r.Position, r.Time, r.Type, r.Data, r.Metadata)
	}
	return b.Bytes()
}
