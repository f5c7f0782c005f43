package streamer

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
)

// Reporter takes what the worker has to say of a session. It returns when the
// report is recorded, or refused for good, or the context ends. It has one
// report of a session at a time, in their order, and several sessions at once.
type Reporter interface {
	Report(ctx context.Context, session events.SessionID, report Report) error
}

// Report is one thing to say of a session. The interface is sealed.
type Report interface{ report() }

// The reports.
type (
	// Launched: the display and the game have been started.
	Launched struct{}
	// Drawing: the game draws, and a peer may connect.
	Drawing struct {
		Width, Height, FrameRate int
		Encoder                  string
	}
	// Connected: the player's peer is connected.
	Connected struct{}
	// Disconnected: the player's peer is lost, or play goes on without one. It
	// may come with no Connected before it. Silence is for how long the player
	// had been gone when that was noticed.
	Disconnected struct {
		Cause   string
		Silence time.Duration
	}
	// Idled: nobody has touched keyboard, pointer or pad for some time. Said
	// once, when it is enough.
	Idled struct{ For time.Duration }
	// Roused: somebody touches something again.
	Roused struct{}
	// Adapted: the picture is sent in another shape or by another encoder. The
	// event's time is set when it is recorded.
	Adapted struct{ Picture events.PictureAdapted }
	// Measured: the figures of one window of play.
	Measured struct{ Window events.QualityReported }
	// SavesKept: what the session leaves is stored.
	SavesKept struct {
		Version        string
		Bytes          int64
		Files, Skipped int
		Took           time.Duration
	}
	// SavesTroubled: the player's saves are not as the player expects them.
	SavesTroubled struct {
		Trouble events.SavesTrouble
		Detail  string
	}
	// Finished: everything is stopped and freed. The reason counts where the
	// end was not asked for.
	Finished struct{ Reason events.EndReason }
	// Broken: everything is freed after a failure.
	Broken struct {
		Cause  events.FailureCause
		Detail string
	}
)

func (Launched) report()      {}
func (Drawing) report()       {}
func (Connected) report()     {}
func (Disconnected) report()  {}
func (Idled) report()         {}
func (Roused) report()        {}
func (Adapted) report()       {}
func (Measured) report()      {}
func (SavesKept) report()     {}
func (SavesTroubled) report() {}
func (Finished) report()      {}
func (Broken) report()        {}
