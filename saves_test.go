package main_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/playcast/playcast/events"
)

// TestSaves plays the same game on two playcasts that share a store of saves,
// and have nothing else in common. The game notes each start in its home.
func TestSaves(t *testing.T) {
	for name, store := range map[string]func(t *testing.T) string{
		"in a folder": func(t *testing.T) string { return filepath.Join(t.TempDir(), "saves") },
		"in S3":       bucket,
	} {
		t.Run(name, func(t *testing.T) {
			saves := append(withGames(t), "--saves", store(t))
			for n, data := range []string{dataIn(t), dataIn(t), ""} {
				if data == "" {
					continue
				}
				p := up(t, data, saves...)
				one := p.signIn("player1")
				id, _ := playShortly(one)
				starts(t, p, n+1)
				kept := find[events.SavesKept](facts(t, p.log()), streamOf(t, id))
				if len(kept) != 1 || kept[0].Files == 0 || kept[0].Bytes == 0 {
					t.Errorf("kept is %+v, want one version", kept)
				}
				if trouble := find[events.SavesTroubled](facts(t, p.log()), streamOf(t, id)); len(trouble) > 0 {
					t.Errorf("there was trouble: %+v", trouble)
				}
				p.stop()
			}
		})
	}
}

// starts wants the game to have been started so often, as far as it knows.
func starts(t *testing.T, p *product, want int) {
	t.Helper()
	save, err := os.ReadFile(filepath.Join(p.homeOf("player1", "saver"), "save"))
	if err != nil || strings.Count(string(save), "\n") != want {
		t.Errorf("the save is %q, %v; want the marks of %d starts", save, err, want)
	}
}

// bucket is a bucket of a service in this process.
func bucket(t *testing.T) string {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return "s3://key:hidden-word@" + server.Listener.Addr().String() + "/bucket/saves?region=here&tls=off"
}

// TestSavesOfAKilledWorker: what its game has saved is there on another one,
// once it has been started again.
func TestSavesOfAKilledWorker(t *testing.T) {
	data, saves := dataIn(t), append(withGames(t), "--saves", bucket(t))
	p := up(t, data, saves...)
	one := p.signIn("player1")
	id := one.request("saver")
	one.await(id, events.SessionIsReady)
	p.kill()
	p = up(t, data, saves...)
	one = p.signIn("player1")
	one.await(id, events.SessionIsFailed)
	p.stop() // at the latest then it is stored
	if p.stderr.has("hidden-word") {
		t.Error("it told the secret")
	}

	p = up(t, dataIn(t), saves...)
	playShortly(p.signIn("player1"))
	starts(t, p, 2)
	p.stop()
}
