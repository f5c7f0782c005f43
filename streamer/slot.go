package streamer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/game"
)

// rollEvery is how often the quality meter is looked at.
const rollEvery = time.Second

// slot runs one session. The goroutine of run owns everything but the channels
// and what guards itself.
type slot struct {
	allocated events.SessionAllocated
	parts     Parts
	out       *outbox
	log       *slog.Logger

	requests chan request  // unbuffered: who asks waits until the slot is free to hear
	orders   chan request  // holds the latest pause or resume until the game draws and the slot is free
	done     chan struct{} // closed when the slot takes no more requests
	end      end

	stage  *stage // nil until the game draws
	seats  seats
	paused bool

	recording recordings
}

// end is the order to come to an end.
type end struct {
	once   sync.Once
	asked  chan struct{}    // closed by the first stop
	reason events.EndReason // set before asked is closed; empty: the session is over already
}

func newSlot(e events.SessionAllocated, parts Parts, out *outbox, hall *atomic.Int64) *slot {
	return &slot{
		allocated: e, parts: parts, out: out, log: out.log,
		requests: make(chan request), orders: make(chan request, 1), done: make(chan struct{}),
		end:   end{asked: make(chan struct{})},
		seats: seats{people: newPeople(), hall: hall}, recording: newRecordings(),
	}
}

// stop ends the slot, for a reason where the end is to be reported. Only the
// first call counts. It does not wait.
func (s *slot) stop(reason events.EndReason) {
	s.end.once.Do(func() {
		s.end.reason = reason
		close(s.end.asked)
	})
}

// order leaves a pause or a resume for the slot, and does not wait. It takes
// the place of one that the slot has not heard: only the latest counts.
func (s *slot) order(r request) {
	for {
		select {
		case s.orders <- r:
			return
		default:
		}
		select {
		case <-s.orders:
		default: // the slot has heard it meanwhile
		}
	}
}

// run plays the session from its start to its end, frees everything, and
// reports how it ended.
func (s *slot) run() {
	defer s.out.close()
	outcome := s.play()
	close(s.done)
	s.free()
	if outcome != nil {
		s.out.put(outcome)
	}
}

// play returns the report of how the session ended, nil if it is known.
func (s *slot) play() Report {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	launched := make(chan *stage, 1)
	failed := make(chan error, 1)
	go func() { // each way out of here waits for it
		stage, err := s.launch(ctx)
		if err != nil {
			failed <- err
			return
		}
		launched <- stage
	}()
	for {
		select {
		case s.stage = <-launched:
			s.out.put(s.stage.drawing())
			return s.serve()
		case err := <-failed:
			return s.launchFailed(err)
		case r := <-s.requests:
			s.early(r)
		case <-s.end.asked:
			cancel()
			select {
			case s.stage = <-launched:
			case <-failed:
			}
			return s.ended()
		}
	}
}

// launch starts everything, and returns when the game draws.
func (s *slot) launch(ctx context.Context) (*stage, error) {
	entry, ok := s.parts.Catalog.Find(s.allocated.Game)
	if !ok {
		return nil, fmt.Errorf("the worker's catalog has no game %q", s.allocated.Game)
	}
	launch := game.Launch{Session: s.allocated.Session, Player: s.allocated.Player, Entry: entry}
	return openStage(ctx, s.parts, launch, s.allocated.Resolution, s.out)
}

func (s *slot) launchFailed(err error) Report {
	s.log.Error("the game did not start", "game", s.allocated.Game, "error", err)
	return Broken{Cause: events.FailedLaunch, Detail: err.Error()}
}

// serve runs the session while the game draws.
func (s *slot) serve() Report {
	roll := time.NewTicker(rollEvery)
	defer roll.Stop()
	for {
		select {
		case r := <-s.requests:
			s.handle(r)
		case r := <-s.orders:
			s.handle(r)
		case id := <-s.recording.wishes:
			s.record(id)
		case now := <-roll.C:
			s.measure(now)
			s.lookIdle(now)
			if outcome := s.watch(now); outcome != nil {
				return outcome
			}
		case <-s.stage.game.Done():
			return s.gameOver()
		case <-s.seats.people.changed:
			s.reseat()
		case <-s.stage.galleryBroken():
			s.galleryOver()
		case <-s.stage.picture.broken:
			return s.pictureOver(s.stage.picture.failure)
		case <-s.stage.display.Done(): // while nobody watches, nobody else notices
			return s.pictureOver(s.stage.display.Err())
		case <-s.end.asked:
			return s.ended()
		}
	}
}

func (s *slot) ended() Report {
	if s.end.reason == "" {
		return nil
	}
	return Finished{Reason: s.end.reason}
}

// gameOver says how the game ended: of itself, by a crash, or for want of its
// display.
func (s *slot) gameOver() Report {
	if err := s.stage.lost(); err != nil {
		return s.pictureOver(err)
	}
	if err := s.stage.game.Err(); err != nil {
		if errors.Is(err, game.ErrStorage) {
			s.log.Warn("the game keeps too much", "game", s.allocated.Game, "error", err)
			return Broken{Cause: events.FailedStorage, Detail: err.Error()}
		}
		s.log.Error("the game has crashed", "game", s.allocated.Game, "error", err)
		return Broken{Cause: events.FailedGame, Detail: err.Error()}
	}
	return Finished{Reason: events.EndedByGame}
}

func (s *slot) pictureOver(err error) Report {
	if s.stage.controls.deaf.Load() {
		err = errDeaf
	}
	s.log.Error("the picture is lost", "error", err)
	return Broken{Cause: events.FailedPicture, Detail: err.Error()}
}

// free closes the peers and the stage side by side: the peers' handlers may
// wait for a display that does not answer, until the stage has ended it.
func (s *slot) free() {
	if s.stage == nil {
		return
	}
	s.endRecording(time.Now(), events.RecordingSessionOver)
	s.settle(time.Now())
	var peer sync.WaitGroup
	s.closePeers(&peer)
	if err := s.stage.close(); err != nil {
		s.log.Error("something of the session could not be freed", "error", err)
	}
	peer.Wait()
	s.recording.ending.Wait()
}
