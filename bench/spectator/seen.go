package spectator

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/playcast/playcast/bench/player"
)

// Seen is a picture as it arrived in a leg.
type Seen struct {
	player.Shape
	FPS       float64 `json:"fps"`
	Mbps      float64 `json:"mbps"`
	Freezes   int     `json:"freezes"` // gaps of more than freeze
	Longest   float64 `json:"longest_gap_ms"`
	KeyFrames int     `json:"key_frames"`
	Processor float64 `json:"processor,omitempty"` // seconds a second of the playcast's process, games apart
}

// freeze is a gap that counts.
const freeze = 200 * time.Millisecond

// watched is a connection with what is noted of it.
type watched struct {
	eyes       *eyes
	connection *player.Connection
}

// eyes note what arrives. They are safe for concurrent use.
type eyes struct {
	mu            sync.Mutex
	began, last   time.Time
	frames, keys  int
	freezes       int
	longest       time.Duration
	width, height int
}

func (e *eyes) open() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.began = time.Now()
	e.last = e.began
	e.frames, e.keys, e.freezes, e.longest = 0, 0, 0, 0
}

func (e *eyes) unit(u *player.Unit) { e.note(u.Key, u.Last) }

func (e *eyes) frame(f *player.Frame) {
	e.mu.Lock()
	e.width, e.height = f.Width, f.Height
	e.mu.Unlock()
	e.note(f.Key, f.Decoded)
}

func (e *eyes) note(key bool, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.frames++
	if key {
		e.keys++
	}
	e.gap(at)
}

// gap ends at a time.
func (e *eyes) gap(to time.Time) {
	if gap := to.Sub(e.last); !e.last.IsZero() {
		e.longest = max(e.longest, gap)
		if gap > freeze {
			e.freezes++
		}
	}
	e.last = to
}

func (e *eyes) seen(elapsed float64) Seen {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gap(time.Now())
	return Seen{
		FPS: float64(e.frames) / elapsed, Freezes: e.freezes, KeyFrames: e.keys,
		Longest: float64(e.longest) / float64(time.Millisecond),
	}
}

func (e *eyes) shape() player.Shape {
	e.mu.Lock()
	defer e.mu.Unlock()
	return player.Shape{Width: e.width, Height: e.height}
}

// processorTime is what a process has used, by the kernel's count; 0 where that
// can't be read. Its children, which are the games and displays, count apart.
func processorTime(pid int) time.Duration {
	const ticks = 100 // a second: USER_HZ on every platform that playcast runs on
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		return 0
	}
	return time.Duration(user+system) * time.Second / ticks
}
