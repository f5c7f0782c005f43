package transport

import (
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"
)

// flood pushes so many messages at once each millisecond for a time, and
// returns what was taken, by its number.
func flood(t *testing.T, length time.Duration, each int) (taken []uint32, e *events) {
	t.Helper()
	e = newEvents(Handlers{Input: func(msg []byte) { taken = append(taken, binary.LittleEndian.Uint32(msg)) }})
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		e.run(quit, time.Minute, func() {})
	}()
	e.connected()
	synctest.Wait()
	number := uint32(0)
	for began := time.Now(); time.Since(began) < length; time.Sleep(time.Millisecond) {
		for range each {
			number++
			e.pushInput(binary.LittleEndian.AppendUint32(nil, number))
		}
	}
	synctest.Wait()
	close(quit)
	<-done
	if last := taken[len(taken)-1]; last+uint32(each) < number {
		t.Errorf("the newest taken is %d, of %d", last, number)
	}
	return taken, e
}

func TestFloodOfInputIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const length = 5 * time.Second
		taken, e := flood(t, length, 10) // 10,000 a second
		if most := inputBurst + inputRate*int(length/time.Second); len(taken) > most || len(taken) < most/2 {
			t.Errorf("%d messages taken in %v, want %d at most", len(taken), length, most)
		}
		for i, number := range taken[1:] {
			if number <= taken[i] {
				t.Fatalf("%d taken after %d", number, taken[i])
			}
		}
		if left := e.flooded.Load() + e.overflow.Load(); int(left)+len(taken) != 10*int(length/time.Millisecond) {
			t.Errorf("%d left out and %d taken", left, len(taken))
		}
	})
}

func TestFastInputLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken, e := flood(t, 2*time.Second, 1)
		if len(taken) != 2000 || e.flooded.Load() != 0 {
			t.Errorf("%d taken, %d left out", len(taken), e.flooded.Load())
		}
	})
}

func TestFloodOfControlWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const count = 2000
		var taken []uint32
		e := newEvents(Handlers{Control: func(msg []byte) { taken = append(taken, binary.LittleEndian.Uint32(msg)) }})
		quit, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			e.run(quit, time.Minute, func() {})
		}()
		e.connected()
		began := time.Now()
		for number := range uint32(count) {
			e.pushControl(quit, binary.LittleEndian.AppendUint32(nil, number))
		}
		if least := (count - controlQueue - controlBurst - 1) * time.Second / controlRate; time.Since(began) < least {
			t.Errorf("sent within %v, want %v at least", time.Since(began), least)
		}
		time.Sleep(time.Minute)
		for i, number := range taken {
			if number != uint32(i) {
				t.Fatalf("message %d is %d", i, number)
			}
		}
		if len(taken) != count || e.flooded.Load() == 0 {
			t.Errorf("%d taken, %d waited", len(taken), e.flooded.Load())
		}
		close(quit)
		<-done
	})
}
