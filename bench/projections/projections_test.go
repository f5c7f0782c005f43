package projections_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/bench/projections"
)

// steady is a platform of which everything takes a time of its own.
type steady struct {
	more    int   // events that were appended
	refuses error // of a command
}

func (*steady) Level(context.Context) error { return nil }

func (*steady) Rebuild(context.Context) (int64, error) {
	time.Sleep(2 * time.Second)
	return 1000, nil
}

func (*steady) Questions(context.Context) ([]projections.Question, error) {
	takes := func(name string, d time.Duration) projections.Question {
		return projections.Question{Name: name, Ask: func(context.Context, int) error { time.Sleep(d); return nil }}
	}
	return []projections.Question{takes("quick", time.Millisecond), takes("slow", 7*time.Millisecond), takes("usual", 2*time.Millisecond)}, nil
}

func (s *steady) More(_ context.Context, n int) (int, func(context.Context) error, error) {
	time.Sleep(100 * time.Millisecond)
	s.more += n
	return n, func(context.Context) error { return nil }, nil
}

func (s *steady) Command(context.Context, int) (func(context.Context) error, error) {
	time.Sleep(time.Millisecond)
	return func(context.Context) error { time.Sleep(3 * time.Millisecond); return nil }, s.refuses
}

func TestMeasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, err := projections.Measure(t.Context(), &steady{}, projections.Config{Phase: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		want := projections.Figures{
			VisibleP50: 3, VisibleP99: 3, Sustained: 10_000, Rebuild: 500, Events: 1000, QueryP99: 7, Worst: "slow",
			Questions: map[string]float64{"quick": 1, "slow": 7, "usual": 2},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestAMeasurementThatFailsSaysAtWhat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("refused")
		_, err := projections.Measure(t.Context(), &steady{refuses: refused}, projections.Config{Rate: 10, Phase: time.Second})
		if !errors.Is(err, refused) || !strings.HasPrefix(err.Error(), "10 commands a second: ") {
			t.Errorf("it fails of %v", err)
		}
	})
}

func TestAMeasurementThatIsGivenUpEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var givenUp time.Time
		_, err := projections.Measure(ctx, &steady{}, projections.Config{Phase: time.Hour, Rate: 1, Progress: func(phase string) {
			if phase == "1 commands a second" {
				givenUp = time.Now()
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) || time.Since(givenUp) > time.Second {
			t.Errorf("after %s: %v", time.Since(givenUp), err)
		}
	})
}
