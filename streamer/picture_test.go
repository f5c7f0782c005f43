package streamer

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/audio"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/quality"
	"github.com/playcast/playcast/streamer/transport"
)

// onlooker is a viewer without a peer: its frames leave at once.
type onlooker struct {
	figures figures
	acks    acks
	frames  chan struct{}
	gone    chan struct{}
}

func (o *onlooker) take(unit encode.AccessUnit) {
	o.figures.sent(transport.SentFrame{Captured: unit.Captured, Sent: time.Now(), Bytes: len(unit.Data), Key: unit.Key})
	o.acks.sent(unit.Captured, 0)
	select {
	case o.frames <- struct{}{}:
	case <-o.gone:
	}
}

func (o *onlooker) hear(audio.Packet) {}
func (o *onlooker) tell(string)       {}

// BenchmarkFrame is a frame's whole way through the stage, from a game of 720p
// that draws faster than it is captured. What it allocates, somebody in here
// does: the game is another process.
func BenchmarkFrame(b *testing.B) {
	log := slog.New(slog.DiscardHandler)
	launcher, err := game.NewLauncher(game.Config{RunDir: b.TempDir(), DataDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer launcher.Close()
	entry, _ := catalog(b).Find("large")
	out := openOutbox(context.Background(), func(context.Context, Report) error { return nil }, log)
	defer out.close()
	launch := game.Launch{Session: events.NewSessionID(), Player: "player", Entry: entry}
	s, err := openStage(b.Context(), Parts{Launcher: launcher, Encoders: []encode.Support{{Codec: encode.H264}}}, launch, 0, out)
	if err != nil {
		b.Fatal(err)
	}
	defer s.close()
	if s.sound != nil { // its library makes garbage
		if err := s.sound.close(); err != nil {
			b.Fatal(err)
		}
		s.sound = nil
	}
	o := &onlooker{frames: make(chan struct{}), gone: make(chan struct{}), figures: figures{
		underway: &s.picture.encoding.underway, meter: quality.NewMeter(time.Now()),
	}}
	s.picture.audience.join(o, time.Now())
	for range 60 { // until all buffers are made
		<-o.frames
	}
	b.ReportAllocs()
	for b.Loop() {
		<-o.frames
	}
	b.StopTimer()
	close(o.gone)
}
