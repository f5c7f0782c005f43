package devissuer

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"github.com/playcast/playcast/gateway/auth"
)

func TestGuessesInParallelShareTheirAttempts(t *testing.T) {
	f := newFailures(time.Now)
	var allowed atomic.Int64
	var guesses sync.WaitGroup
	for range 50 {
		guesses.Go(func() {
			if _, wait := f.take(attempt{"player1", "127.0.0.1"}); wait == 0 {
				allowed.Add(1)
			}
		})
	}
	guesses.Wait()
	if allowed.Load() != maxFailures {
		t.Errorf("%d were allowed", allowed.Load())
	}
}

func TestFailuresAreBounded(t *testing.T) {
	now := time.Now()
	f := newFailures(func() time.Time { return now })
	closed := attempt{"player1", "127.0.0.1"}
	for n := range maxFailing + 10 {
		f.take(attempt{fmt.Sprint(n), "127.0.0.1"})
		now = now.Add(time.Millisecond)
		if n == maxFailing/2 {
			for range maxFailures {
				f.take(closed)
			}
		}
	}
	if len(f.at) != maxFailing {
		t.Errorf("%d are held", len(f.at))
	}
	if _, wait := f.take(closed); wait == 0 {
		t.Error("filling up opened a closed account")
	}
	now = now.Add(failureWindow)
	f.take(attempt{"new", "127.0.0.1"})
	if len(f.at) != 1 {
		t.Errorf("%d are held after the window", len(f.at))
	}
}

func TestRequestsAreBounded(t *testing.T) {
	now := time.Now()
	r := newRequests(func() time.Time { return now })
	first := r.add(&oidc.AuthRequest{}, "browser")
	for range maxRequests {
		now = now.Add(time.Millisecond)
		r.add(&oidc.AuthRequest{}, "browser")
	}
	if len(r.byID) != maxRequests {
		t.Errorf("%d are held", len(r.byID))
	}
	if _, found := r.of(first.id, "browser"); found {
		t.Error("the oldest did not make room")
	}
	now = now.Add(requestLifetime)
	r.add(&oidc.AuthRequest{}, "browser")
	if len(r.byID) != 1 {
		t.Errorf("%d are held after their life", len(r.byID))
	}
}

func TestLoginsAreBoundedAndExpire(t *testing.T) {
	now := time.Now()
	l, err := openLogins(t.TempDir(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for n := range maxLogins {
		l.byFamily[fmt.Sprint(n)] = login{Rotated: now.Add(-time.Duration(n) * time.Second)}
	}
	token, err := l.start(grant{Login: "newest"})
	if err != nil {
		t.Fatal(err)
	}
	if _, held := l.byFamily[fmt.Sprint(maxLogins-1)]; held || len(l.byFamily) != maxLogins {
		t.Errorf("%d are held, the oldest: %v", len(l.byFamily), held)
	}
	if got, err := l.check(token); err != nil || got.Login != auth.LoginID("newest") {
		t.Errorf("got %+v, %v", got, err)
	}
	now = now.Add(loginLifetime)
	if _, err := l.check(token); err == nil {
		t.Error("a token outlived its login")
	}
}

func TestAChangeThatCannotBeKeptDoesNotCount(t *testing.T) {
	l, err := openLogins(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	token, err := l.start(grant{Login: "kept"})
	if err != nil {
		t.Fatal(err)
	}
	l.file += "/no/such/directory"
	if _, err := l.rotate(token); err == nil {
		t.Fatal("rotated with nowhere to write")
	}
	if _, err := l.check(token); err != nil {
		t.Errorf("the token that could not be rotated: %v", err)
	}
}
