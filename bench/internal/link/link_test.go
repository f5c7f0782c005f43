package link

import (
	"encoding/binary"
	"math"
	"net"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// probeSize makes packets of 1200 bytes, with the headers of IP and UDP.
const probeSize = 1172

// received is what came out of the link.
type received struct {
	count int
	delay []time.Duration
	from  time.Time
	until time.Time
}

// carry sends packets through a link at a rate and says what arrives.
func carry(t *testing.T, l *Link, rate int, during time.Duration) received {
	t.Helper()
	to, err := l.B.ListenUDP(&net.UDPAddr{IP: l.B.IP})
	if err != nil {
		t.Fatal(err)
	}
	from, err := l.A.ListenUDP(&net.UDPAddr{IP: l.A.IP})
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if err := to.SetReadBuffer(4 << 20); err != nil {
		t.Fatal(err)
	}
	var all received
	var reader sync.WaitGroup
	reader.Go(func() {
		buffer := make([]byte, MTU)
		for {
			if _, err := to.Read(buffer); err != nil {
				return // closed below
			}
			now := time.Now()
			if all.count == 0 {
				all.from = now
			}
			all.count++
			all.until = now
			all.delay = append(all.delay, now.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(buffer)))))
		}
	})
	packet := make([]byte, probeSize)
	began := time.Now()
	sent := 0
	pace := time.NewTicker(200 * time.Microsecond)
	defer pace.Stop()
	for now := began; now.Sub(began) < during; now = <-pace.C {
		due := int(now.Sub(began).Seconds() * float64(rate) / 8 / 1200)
		for ; sent < due; sent++ {
			binary.BigEndian.PutUint64(packet, uint64(time.Now().UnixNano()))
			if _, err := from.WriteTo(packet, to.LocalAddr()); err != nil {
				t.Fatal(err)
			}
		}
	}
	await(t, func() bool {
		return !slices.ContainsFunc(l.Down.Packets(), func(p Packet) bool { return p.Fate == Underway })
	})
	// What the link has delivered is in the socket's buffer or read.
	delivered := fates(l.Down.Packets())[Delivered]
	if err := to.SetReadDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	reader.Wait()
	to.Close()
	if all.count == 0 || all.count > delivered {
		t.Fatalf("%d packets came of the %d that left the link", all.count, delivered)
	}
	return all
}

func await(t *testing.T, condition func() bool) {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(5 * time.Second); !condition(); {
		if now := <-look.C; now.After(deadline) {
			t.Fatal("the link does not come to rest")
		}
	}
}

func open(t *testing.T, down Conditions) *Link {
	t.Helper()
	l, err := Open(down, Conditions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// quick is what a tenth of all stay below: on a busy machine who sends and who
// reads comes late, and half of the packets may have to wait for that.
func quick(all []time.Duration) time.Duration { return quantile(all, 10) }

func quantile(all []time.Duration, percent int) time.Duration {
	slices.Sort(all)
	return all[len(all)*percent/100]
}

// TestLinkDoesWhatItSays measures a real link with plain UDP.
func TestLinkDoesWhatItSays(t *testing.T) {
	t.Run("rate", func(t *testing.T) {
		l := open(t, Conditions{Rate: 10_000_000, Delay: 5 * ms})
		got := carry(t, l, 15_000_000, 3*time.Second)
		rate := float64(got.count-1) * 1200 * 8 / got.until.Sub(got.from).Seconds()
		if math.Abs(rate-10e6) > 0.05*10e6 {
			t.Errorf("10 Mb/s carry %.2f Mb/s", rate/1e6)
		}
		// The queue is full for most of the time.
		if wait := quantile(got.delay, 50); wait < 290*ms || wait > 330*ms {
			t.Errorf("a full queue of 300 ms delays by %s", wait)
		}
	})
	t.Run("delay and loss", func(t *testing.T) {
		l := open(t, Conditions{Rate: 20_000_000, Delay: 25 * ms, Loss: 0.05})
		got := carry(t, l, 8_000_000, 4*time.Second)
		if delay := quick(got.delay); delay < 25*ms || delay > 27*ms+500*time.Microsecond {
			t.Errorf("25 ms are %s", delay)
		}
		packets := l.Down.Packets()
		share := 1 - float64(got.count)/float64(len(packets))
		if share < 0.035 || share > 0.065 { // 3,333 packets: four standard deviations
			t.Errorf("%.4f of %d are lost, want 0.05", share, len(packets))
		}
	})
	t.Run("50 Mb/s", func(t *testing.T) {
		l := open(t, Conditions{Rate: 100_000_000})
		got := carry(t, l, 50_000_000, 2*time.Second)
		late := quick(l.Down.Late())
		t.Logf("forwarded %s late, %s in all", late, quick(got.delay))
		if sent := len(l.Down.Packets()); got.count < sent*95/100 {
			t.Errorf("carries %d packets of %d", got.count, sent)
		}
		if late > ms {
			t.Errorf("forwards %s late", late)
		}
	})
	t.Run("outage", func(t *testing.T) {
		l := open(t, Conditions{})
		carry(t, l, 1_000_000, 200*ms)
		before := len(l.Down.Packets())
		l.Down.Set(Conditions{Down: true})
		from, err := l.A.ListenUDP(&net.UDPAddr{IP: l.A.IP})
		if err != nil {
			t.Fatal(err)
		}
		defer from.Close()
		for range 10 {
			if _, err := from.WriteTo(make([]byte, 100), &net.UDPAddr{IP: l.B.IP, Port: 9}); err != nil {
				t.Fatal(err)
			}
		}
		await(t, func() bool { return fates(l.Down.Packets()[before:])[Outage] == 10 })
	})
}

// TestProcessesEndWithTheLink: a process in a namespace is there as long as it.
func TestProcessesEndWithTheLink(t *testing.T) {
	n, err := NewNamespace()
	if err != nil {
		t.Fatal(err)
	}
	sleeper := exec.Command("sleep", "60")
	if err := n.Start(sleeper, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	n.Close()
	if err := sleeper.Wait(); err == nil || sleeper.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("the process ends with %v, want the farewell signal", err)
	}
}
