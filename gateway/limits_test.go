package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

// clock is a time that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func TestABucketRefillsEvenly(t *testing.T) {
	c := &clock{now: time.Now()}
	l := newLimits[events.PlayerID](60, c.Now)
	for n := range 60 {
		if err := l.take("ada"); err != nil {
			t.Fatalf("token %d: %v", n, err)
		}
	}
	for range 3 { // a refusal costs nothing
		var early *throttled
		if err := l.take("ada"); !errors.As(err, &early) || early.wait != time.Second || !errors.Is(err, errTooMany) {
			t.Fatalf("got %v", err)
		}
	}
	if err := l.take("bob"); err != nil {
		t.Errorf("another player: %v", err)
	}
	c.now = c.now.Add(time.Second)
	if err := l.take("ada"); err != nil {
		t.Errorf("after a second: %v", err)
	}
	if err := l.take("ada"); err == nil {
		t.Error("a second refilled two")
	}
}

func TestBucketsAreBounded(t *testing.T) {
	c := &clock{now: time.Now()}
	l := newLimits[events.PlayerID](1, c.Now)
	for n := range maxBuckets + 10 {
		if err := l.take(events.PlayerID(fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.buckets) != maxBuckets || l.recent.Len() != maxBuckets {
		t.Errorf("%d are held, %d in order", len(l.buckets), l.recent.Len())
	}
	c.now = c.now.Add(refill - 1)
	kept := events.PlayerID(fmt.Sprint(maxBuckets))
	if err := l.take(kept); err == nil {
		t.Error("a bucket in use was forgotten")
	}
	c.now = c.now.Add(1)
	if err := l.take("new"); err != nil {
		t.Fatal(err)
	}
	if _, held := l.buckets[kept]; !held || len(l.buckets) != 2 {
		t.Errorf("%d are held after a minute", len(l.buckets))
	}
}

// Who has a network of IPv6 has more addresses than there are buckets.
func TestAHolderOfAddressesIsOne(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.1:4711":                 "192.0.2.1",
		"[::ffff:192.0.2.1]:4711":        "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:4711":    "2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::1%eth0]:80": "2001:db8:1:2::/64",
		"[2001:db8:1:3::1]:4711":         "2001:db8:1:3::/64",
		"[::1]:4711":                     "::/64",
		"@":                              "@", // a socket without addresses
	} {
		if got := address(&http.Request{RemoteAddr: remote}); got != want {
			t.Errorf("%s is %s, not %s", remote, got, want)
		}
	}
}
