package devissuer

import (
	"sync"
	"time"
)

const (
	maxFailures   = 5
	failureWindow = 15 * time.Minute
	// maxFailing bounds the memory that guessing can take.
	maxFailing = 10_000
)

// attempt is who tries to sign in from where.
type attempt struct {
	account, address string
}

// failures limits wrong passwords to maxFailures in any failureWindow, each
// account from each address on its own. A right password does not count, and
// forgets the wrong ones before it.
type failures struct {
	now func() time.Time

	mu sync.Mutex
	// at holds the times of the last failures, oldest first. When it is full,
	// the entry whose last failure is oldest makes room.
	at map[attempt][]time.Time
}

func newFailures(now func() time.Time) *failures {
	return &failures{now: now, at: map[attempt][]time.Time{}}
}

// take counts a failure in advance, so that guesses in parallel get no more
// than their share; forget takes it back. Where there have been too many, it
// counts nothing and returns how long to wait.
func (f *failures) take(who attempt) (left int, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	recent := f.at[who]
	for len(recent) > 0 && now.Sub(recent[0]) >= failureWindow {
		recent = recent[1:]
	}
	if len(recent) >= maxFailures {
		return 0, failureWindow - now.Sub(recent[0])
	}
	if _, known := f.at[who]; !known && len(f.at) >= maxFailing {
		f.makeRoom(now)
	}
	f.at[who] = append(recent, now)
	return maxFailures - len(recent) - 1, 0
}

// forget is called after a right password.
func (f *failures) forget(who attempt) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.at, who)
}

func (f *failures) makeRoom(now time.Time) {
	var oldest attempt
	var oldestAt time.Time
	for who, times := range f.at {
		last := times[len(times)-1]
		if now.Sub(last) >= failureWindow {
			delete(f.at, who)
			continue
		}
		if oldestAt.IsZero() || last.Before(oldestAt) {
			oldest, oldestAt = who, last
		}
	}
	if len(f.at) >= maxFailing {
		delete(f.at, oldest)
	}
}
