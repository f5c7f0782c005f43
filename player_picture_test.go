package main_test

import (
	"context"
	"testing"
	"time"

	client "github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/input"
	"github.com/playcast/playcast/streamer/lab"
)

// TestPlayerWithoutABrowser: the player of the benchmarks signs in, plays the
// Latency Lab, and sees its own key press in the picture that it decodes.
func TestPlayerWithoutABrowser(t *testing.T) {
	p := up(t, dataIn(t))
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	account, err := client.SignIn(ctx, client.Config{URL: p.url, Name: "player1", Password: p.passwords["player1"]})
	if err != nil {
		t.Fatal(err)
	}
	defer account.Close()
	session, err := account.Play(ctx, "latency-lab")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan lab.Reading, 1024)
	connection, err := account.Connect(ctx, session, client.Options{Handlers: client.Handlers{Frame: func(f *client.Frame) {
		r, err := lab.Decode(f.Width, f.Height, f.Luma)
		if err != nil {
			t.Errorf("frame of %d by %d: %v", f.Width, f.Height, err)
		}
		if f.Decoded.Before(f.Last) || f.Last.Before(f.First) || time.Since(f.First) > bound {
			t.Errorf("the frame came from %s to %s, and was decoded at %s", f.First, f.Last, f.Decoded)
		}
		seen <- r
	}}})
	if err != nil {
		t.Fatal(err)
	}
	frames := 0
	await := func(inputs uint32) {
		t.Helper()
		for {
			select {
			case r := <-seen:
				if frames++; r.Inputs == inputs {
					return
				}
			case <-ctx.Done():
				t.Fatalf("no picture with %d inputs in %d frames: %+v", inputs, frames, connection.Counts())
			}
		}
	}
	await(0)
	message, err := (&input.Message{Sequence: 1, Changes: 1, Held: []input.Code{30}, Recent: []input.Change{{Code: 30, Pressed: true}}}).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := connection.Send(message); err != nil {
		t.Fatal(err)
	}
	await(1)
	if err := connection.Close(); err != nil {
		t.Error(err)
	}
	if err := account.End(ctx, session); err != nil {
		t.Error(err)
	}
	if _, err := account.Await(ctx, session, events.SessionIsEnded); err != nil {
		t.Error(err)
	}
	p.stop()
}
