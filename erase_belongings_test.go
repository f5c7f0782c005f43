package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/lobby"
	"github.com/playcast/playcast/commands/operators"
	ofplayer "github.com/playcast/playcast/commands/player"
	ofrecording "github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
)

// belongings are what a player left beside their profile.
type belongings struct {
	lobby     events.LobbyID
	recording events.RecordingID
	title     events.Sealed // of a clip
	folders   []string      // of their recording, their saves, and their homes on this worker
}

// leaves has a player write in a lobby, have a guardian, and leave a recording
// and saves that have their name in them.
func leaves(t *testing.T, p *product, who person) belongings {
	t.Helper()
	b := belongings{lobby: events.LobbyID(uuid.New()), recording: events.RecordingID(uuid.New())}
	key, err := who.vault.Key(t.Context(), who.id)
	if err != nil {
		t.Fatal(err)
	}
	chat, chatErr := events.Seal(key, who.id, []byte("I am "+personalName))
	pin, pinErr := events.Seal(key, who.id, []byte("argon2 of a PIN"))
	title, titleErr := events.Seal(key, who.id, []byte(personalName+" jumps"))
	store, storeErr := esdb.Open(p.store)
	if err := errors.Join(chatErr, pinErr, titleErr, storeErr); err != nil {
		t.Fatal(err)
	}
	b.title = title
	handler, by := commands.NewHandler(store, time.Now), commands.By(events.ByPlayer(who.id))
	footage := events.Footage{Length: 1000, Bytes: 10, Segments: 1}
	for _, order := range []commands.Order{
		commands.Issue(lobby.Create{Lobby: b.lobby, By: who.id, Visibility: events.LobbyPublic, Capacity: 4}, by),
		commands.Issue(lobby.Say{Lobby: b.lobby, Player: who.id, Text: chat}, commands.By(by.Actor)),
		commands.Issue(ofplayer.SetGuardian{Player: who.id, PIN: pin}, commands.By(by.Actor)),
		commands.Issue(ofrecording.Open{Recording: b.recording, Session: events.NewSessionID(), Player: who.id, Game: "freedoom1", Title: "Freedoom", Worker: "w"}, commands.By("worker:w")),
		commands.Issue(ofrecording.Finish{Worker: "w", Finished: events.RecordingFinished{Recording: b.recording, Reason: events.RecordingStopped, Footage: footage}}, commands.By("worker:w")),
		commands.Issue(ofrecording.Cut{Recording: b.recording, Clip: events.ClipID(uuid.New()), By: who.id, Title: title, To: 500}, commands.By(by.Actor)),
	} {
		if _, err := handler.Do(t.Context(), order); err != nil {
			t.Fatalf("%s: %v", order.Name, err)
		}
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	for _, file := range []string{"recordings/" + b.recording.String() + "/1.mp4", "saves/players/anna/freedoom1/x.tar.zst", "players/anna/freedoom1/save.dat"} {
		path := filepath.Join(p.data, file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(personalName), 0o600)); err != nil {
			t.Fatal(err)
		}
		b.folders = append(b.folders, filepath.Dir(path))
	}
	return b
}

// appointed makes a player an operator.
func appointed(t *testing.T, p *product, id events.PlayerID) {
	t.Helper()
	store, err := esdb.Open(p.store)
	if err != nil {
		t.Fatal(err)
	}
	by := commands.By(events.BySystem("operator"))
	if _, err := commands.NewHandler(store, time.Now).Do(t.Context(), commands.Issue(operators.Appoint{Player: id, By: by.Actor, Operator: true}, by)); err != nil {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// gone waits for what is removed by those who follow the log.
func (b belongings) gone(t *testing.T, p *product) {
	t.Helper()
	eventually(t, "what the player left to be removed", func() (bool, any) {
		left := slices.DeleteFunc(slices.Clone(b.folders), func(dir string) bool {
			files, err := filepath.Glob(filepath.Join(dir, "*"))
			return err == nil && len(files) == 0
		})
		recorded := types(of(facts(t, p.log()), events.RecordingStream(b.recording)))
		return len(left) == 0 && slices.Contains(recorded, "RecordingErased"), left
	})
}

// dumped is a backup of a database, as text.
func dumped(t *testing.T, url string) string {
	t.Helper()
	dump := exec.CommandContext(t.Context(), "pg_dump", url)
	if found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump"); err == nil && len(found) > 0 {
		dump.Path, dump.Err = found[len(found)-1], nil
	}
	var said strings.Builder
	dump.Stderr = &said
	out, err := dump.Output()
	if err != nil || len(out) == 0 {
		t.Fatalf("pg_dump: %v: %s", err, said.String())
	}
	return string(out)
}
