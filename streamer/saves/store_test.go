package saves

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/storage"
	"github.com/playcast/playcast/streamer/storage/storagetest"
)

// TestS3DiesInTheMiddle of anything, again and again. Each session is given what
// the one before has left, or is refused; and in the end all is stored.
func TestS3DiesInTheMiddle(t *testing.T) {
	service := storagetest.S3(t)
	var dying atomic.Bool
	var deaths atomic.Int64
	address := storagetest.Bucket(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !dying.Load() || rand.IntN(4) > 0 {
			service.ServeHTTP(w, r)
			return
		}
		deaths.Add(1)
		switch rand.IntN(3) {
		case 0: // before it has read anything
		case 1: // when it has read a bit
			r.Body.Read(make([]byte, 100))
		case 2: // when it has done all, but nobody hears of it
			service.ServeHTTP(httptest.NewRecorder(), r)
		}
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Close()
		}
	}), "secret")
	store, err := storage.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	brief := func(c *Config) { c.Timing.Within, c.Timing.Bring = 2*time.Second, 2*time.Second }
	a := newBench(t, "a", store, brief)
	dying.Store(true)
	last, refused := "", 0
	for n := range 8 {
		h, err := a.keeper.Take(t.Context(), "ann", "doom", a.tell)
		if err != nil {
			refused++
			continue
		}
		if got := read(t, h, "save.dat"); got != last {
			t.Fatalf("session %d is given %q, want %q", n, got, last)
		}
		last = fmt.Sprintf("session %d", n)
		write(t, h, "save.dat", last)
		a.close(h, true)
	}
	dying.Store(false)
	if left := a.keeper.round(t.Context(), waitingAnywhere); left != 0 {
		t.Errorf("the queue has left %d", left)
	}
	newBench(t, "b", store).finds(last)
	t.Logf("%d requests died, %d sessions were refused, stored is %s; told: %s", deaths.Load(), refused, kinds(t, store), a.heard())
}

// BenchmarkSaves measures the two ends of a session on a folder: what the start
// takes on a worker that has nothing yet, and on one that is up to date, and the
// end with everything changed.
func BenchmarkSaves(b *testing.B) {
	for _, size := range []struct {
		name  string
		files int
		bytes int
	}{{"1MB", 20, 50 << 10}, {"100MB", 200, 512 << 10}} {
		store, err := storage.OpenFolder(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		defer store.Close()
		session := func(b *testing.B, k *Keeper, play func(home string)) {
			h, err := k.Take(b.Context(), "ann", "doom", func(Notice) {})
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			play(h.Path())
			b.StartTimer()
			if err := h.Close(true); err != nil {
				b.Fatal(err)
			}
		}
		open := func(b *testing.B) *Keeper {
			k, err := Open(Config{Dir: b.TempDir(), Store: store, Worker: "a", Keep: 1, Log: discard})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { k.Close(b.Context()) })
			return k
		}
		fill := func(home string) {
			for n := range size.files {
				content := make([]byte, size.bytes)
				for i := range content { // half of it can be compressed
					content[i] = byte(rand.IntN(16))
				}
				if err := os.WriteFile(filepath.Join(home, fmt.Sprint(n)), content, 0o600); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.Run(size.name+"/store", func(b *testing.B) {
			k := open(b)
			for b.Loop() {
				session(b, k, fill)
			}
		})
		b.Run(size.name+"/current", func(b *testing.B) {
			k := open(b)
			session(b, k, func(string) {})
			for b.Loop() {
				session(b, k, func(string) {})
			}
		})
		b.Run(size.name+"/bring", func(b *testing.B) {
			k := open(b)
			for b.Loop() {
				b.StopTimer()
				if err := os.RemoveAll(filepath.Join(k.cfg.Dir, "ann")); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				session(b, k, func(string) {})
			}
		})
	}
}
