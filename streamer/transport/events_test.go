package transport

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// heard runs an event loop that notes every call with its time.
func heard(e *events, since time.Time, calls *[]string) {
	note := func(what string) { *calls = append(*calls, what+" "+time.Since(since).String()) }
	e.h = Handlers{
		Connected: func() { note("connected") },
		Disconnected: func(reason string, silence time.Duration) {
			note("disconnected: " + reason + " after " + silence.String())
		},
		Input:    func(msg []byte) { note("input " + string(msg)) },
		Control:  func(msg []byte) { note("control " + string(msg)) },
		KeyFrame: func() { note("key frame") },
	}
}

func TestEventOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []string
		e := newEvents(Handlers{})
		heard(e, time.Now(), &calls)
		done := make(chan struct{})
		go func() {
			defer close(done)
			e.run(nil, time.Minute, func() {})
		}()
		e.pushControl(nil, []byte("early"))
		e.keyFrame()
		time.Sleep(time.Second)
		e.connected()
		synctest.Wait()
		time.Sleep(300 * time.Millisecond)
		for range 100 { // a storm, within the second
			e.keyFrame()
			synctest.Wait()
		}
		time.Sleep(5 * time.Second)
		e.keyFrame()
		synctest.Wait()
		e.ended("first", time.Second)
		e.ended("second", 0)
		<-done
		want := []string{
			"connected 1s", "key frame 1s", "control early 1s", "key frame 2s", "key frame 6.3s", "disconnected: first after 1s 6.3s",
		}
		if !slices.Equal(calls, want) {
			t.Errorf("heard\n%s\nwant\n%s", strings.Join(calls, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestConnectDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []string
		e := newEvents(Handlers{})
		heard(e, time.Now(), &calls)
		e.run(nil, 20*time.Second, func() {})
		if len(calls) != 1 || calls[0] != "disconnected: the client did not connect within 20s after 20s 20s" {
			t.Errorf("heard %q", calls)
		}
	})
}

func TestSenderReportsTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quit := make(chan struct{})
		ticks := 0
		e := newEvents(Handlers{})
		e.connected()
		time.AfterFunc(10*reportInterval+reportInterval/2, func() { close(quit) })
		e.run(quit, time.Second, func() { ticks++ })
		if ticks != 10 {
			t.Errorf("%d ticks, want 10", ticks)
		}
	})
}

func TestOverflowingInputLosesTheOldest(t *testing.T) {
	e := newEvents(Handlers{})
	for i := range messageQueue + 3 {
		e.pushInput([]byte{byte(i), byte(i >> 8)})
	}
	if got := <-e.input; got[0] != 3 || e.overflow.Load() != 3 {
		t.Errorf("the oldest left is %v, %d lost", got, e.overflow.Load())
	}
}
