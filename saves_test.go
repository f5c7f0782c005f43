//go:build !nolibav

package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/storage/storagetest"
)

// TestSaves plays the same game on two playcasts that share a store of saves,
// and have nothing else in common. The game notes each start in its home.
func TestSaves(t *testing.T) {
	t.Parallel() // it waits most of the time
	for name, store := range map[string]func(t *testing.T) string{
		"in a folder": func(t *testing.T) string { return filepath.Join(t.TempDir(), "saves") },
		"in S3":       bucket,
	} {
		t.Run(name, func(t *testing.T) {
			where := store(t)
			saves := append(withGames(t), "--saves", where)
			for n, data := range []string{dataIn(t), dataIn(t)} {
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
			bringBack(t, where)
		})
	}
}

// bringBack restores what the first of two sessions has left.
func bringBack(t *testing.T, where string) {
	t.Helper()
	versions := func() []string {
		var names []string
		for _, line := range said(t, "saves", "--saves", where, "list", "player1", "saver") {
			names = append(names, strings.Fields(line)[2])
		}
		return names
	}
	all := versions()
	if len(all) != 2 {
		t.Fatalf("listed is %v", all)
	}
	archive := filepath.Join(t.TempDir(), "save.tar.zst")
	said(t, "saves", "--saves", where, "export", "player1", "saver", all[1], archive)
	if info, err := os.Stat(archive); err != nil || info.Size() == 0 {
		t.Errorf("exported is %v, %v", info, err)
	}
	said(t, "saves", "--saves", where, "restore", "player1", "saver", all[1])
	if now := versions(); len(now) != 3 || !strings.HasPrefix(now[0], "00000003-") {
		t.Errorf("listed is %v", now)
	}
	refused(t, []string{"saves", "--saves", where, "restore", "player1", "saver", "the-first"}, []string{"the-first"})
	refused(t, []string{"saves", "--data", filepath.Join(t.TempDir(), "none"), "list"}, []string{"--data", "--saves"})
}

// said are the lines of a run that ends well.
func said(t *testing.T, arguments ...string) (lines []string) {
	t.Helper()
	p := launch(t, arguments...)
	if code := p.exit(); code != 0 {
		t.Fatalf("playcast %v ended with %d: %s", arguments, code, p.stderr.tail(5))
	}
	for line := range p.lines {
		lines = append(lines, line)
	}
	return lines
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
func bucket(t *testing.T) string { return storagetest.Bucket(t, storagetest.S3(t), "hidden-word") }

// TestSavesOfAKilledWorker: what its game has saved is there on another one,
// once it has been started again.
func TestSavesOfAKilledWorker(t *testing.T) {
	t.Parallel() // it waits most of the time
	data, saves := dataIn(t), append(withGames(t), "--saves", bucket(t))
	p := up(t, data, saves...)
	one := p.signIn("player1")
	id := one.request("saver")
	one.await(id, events.SessionIsReady)
	eventually(t, "the home to come to rest", func() (bool, any) {
		state, err := os.ReadFile(p.homeOf("player1", "saver") + ".saves/state.json")
		return err == nil && strings.Contains(string(state), `"rest"`), string(state)
	})
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
