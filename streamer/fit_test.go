package streamer

import (
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/transport"
)

// A guest goes to the smaller picture when the path can't carry the players',
// and back when it can, and not to and fro in between.
func TestFit(t *testing.T) {
	const need = 4_000_000
	var f fit
	at := time.Now()
	during := func(seconds int, now pictured, stats transport.Stats) (moved bool, probed int) {
		for range seconds {
			at = at.Add(time.Second)
			move, probe := f.step(stats, now, at)
			if moved, probed = moved || move, max(probed, probe); move {
				return
			}
		}
		return
	}
	players, gallery := pictured{true, need}, pictured{false, need}
	narrow := transport.Stats{Estimate: 1_000_000, QueueDelay: 200 * time.Millisecond}
	if moved, _ := during(60, players, transport.Stats{Estimate: 1_000_000}); moved {
		t.Error("a low estimate alone moves a guest")
	}
	if moved, _ := during(60, players, transport.Stats{Estimate: 9_000_000, Loss: 0.1}); moved {
		t.Error("a wide path that loses moves a guest")
	}
	if moved, _ := during(2, players, narrow); moved {
		t.Error("a moment moves a guest")
	}
	if moved, _ := during(5, players, narrow); !moved {
		t.Error("a narrow path does not move a guest")
	}
	f = fit{}
	if moved, probed := during(60, gallery, transport.Stats{Estimate: 1_000_000}); moved || probed < need {
		t.Errorf("back on a narrow path: %v; tried with %d", moved, probed)
	}
	wide := transport.Stats{Estimate: 6_000_000}
	if moved, _ := during(5, gallery, wide); moved {
		t.Error("a guest is moved back at once")
	}
	if moved, _ := during(20, gallery, wide); !moved {
		t.Error("a wide path does not bring a guest back")
	}
}
