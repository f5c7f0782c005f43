package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/commands"
	ofplayer "github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
	"github.com/playcast/playcast/schema/schematest"
	"github.com/playcast/playcast/schema/vault"
)

const (
	personalName  = "Annemarie Quillfeather"
	personalEmail = "annemarie.quillfeather@mail.example"
)

// person is what a test knows of a player who gave a name and an address.
type person struct {
	id      events.PlayerID
	profile ofplayer.ChangeProfile
	vault   *vault.Vault
}

// names gives a player a name and an address, as the edge does.
func names(t *testing.T, p *product, id events.PlayerID) person {
	t.Helper()
	master, err := vault.ReadMasterKey(filepath.Join(p.data, "master-key"))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(t.Context(), databaseOf(t, p.data))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	v, err := vault.Open(t.Context(), pool, master)
	if err != nil {
		t.Fatal(err)
	}
	key, err := v.Key(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	name, nameErr := events.Seal(key, id, []byte(personalName))
	email, emailErr := events.Seal(key, id, []byte(personalEmail))
	if err := errors.Join(nameErr, emailErr); err != nil {
		t.Fatal(err)
	}
	profile := ofplayer.ChangeProfile{Player: id, Name: name, Email: email}
	store, err := esdb.Open(p.store)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := commands.NewHandler(store, time.Now).Do(t.Context(), commands.Issue(profile, commands.By(events.ByPlayer(id)))); err != nil {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	return person{id: id, profile: profile, vault: v}
}

func databaseOf(t *testing.T, data string) string {
	t.Helper()
	url, err := os.ReadFile(filepath.Join(data, "database"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(url))
}

// TestErasePlayer erases a player, and looks at every byte that is left.
func TestErasePlayer(t *testing.T) {
	t.Parallel() // it waits most of the time
	data := dataIn(t)
	erase := []string{"erase", "--data", data, "player", "anna"}
	refused(t, erase, []string{"no playcast has run on " + data})
	p := up(t, data, append(withGames(t), "--metrics-listen", "127.0.0.1:0", "--log-level", "debug")...)
	anna, ben := names(t, p, "anna"), names(t, p, "ben")
	opens(t, anna)
	belongings := leaves(t, p, anna)
	if title, err := anna.vault.Open(t.Context(), belongings.title); err != nil || !strings.Contains(string(title), personalName) {
		t.Errorf("the clip's title opens as %q, %v", title, err)
	}

	appointed(t, p, "anna")
	refused(t, erase, []string{"last operator", "Appoint another one"})
	opens(t, anna)
	appointed(t, p, "ben")

	var receipt, again events.ErasureReceipt
	first := ran(t, erase...)
	if err := json.Unmarshal([]byte(first), &receipt); err != nil {
		t.Fatalf("the receipt %q: %v", first, err)
	}
	if receipt.Events != 4 || receipt.Streams != 3 || receipt.By != "system:operator" || receipt.KeyDestroyed.IsZero() ||
		len(receipt.Largest) != 3 || receipt.Largest[0] != (events.SealedStream{Stream: "player-anna", Events: 2}) {
		t.Errorf("the receipt says %+v", receipt)
	}
	second := ran(t, erase...)
	if err := json.Unmarshal([]byte(second), &again); err != nil || second != first {
		t.Errorf("erased again, it says %q, and said %q", second, first)
	}
	misspelt := launch(t, "erase", "--data", data, "player", "anan")
	if code, said := misspelt.exit(), misspelt.stderr.tail(3); code != 0 || !strings.Contains(said, "how their id is spelt") {
		t.Errorf("of somebody who has nothing it says %q, and ends with %d", said, code)
	}
	closed(t, anna)
	if title, err := anna.vault.Open(t.Context(), belongings.title); !errors.Is(err, vault.ErrErased) {
		t.Errorf("the clip's title opens as %q, %v", title, err)
	}
	opens(t, ben)
	if got := types(of(facts(t, p.log()), "player-anna")); got[len(got)-1] != "PlayerErased" || len(got) != 3 {
		t.Errorf("the stream has %v", got)
	}

	belongings.gone(t, p)

	elsewhere := t.TempDir()
	shown := map[string]string{
		"events show":              ran(t, "events", "--data", data, "show", "player-anna"),
		"the chat":                 ran(t, "events", "--data", data, "show", string(events.LobbyStream(belongings.lobby))),
		"the clip":                 ran(t, "events", "--data", data, "show", string(events.RecordingStream(belongings.recording))),
		"the saves":                ran(t, "saves", "--data", data, "list"),
		"store export":             ran(t, "store", "--data", data, "export"),
		"the receipt":              first,
		"tables":                   schematest.Dump(t, databaseOf(t, data), true),
		"a backup of the database": dumped(t, databaseOf(t, data)),
	}
	ran(t, "store", "--data", data, "backup", "--to", filepath.Join(elsewhere, "backup"))
	ran(t, "store", "--data", data, "backup", "--to", filepath.Join(elsewhere, "backup.tar"))
	ran(t, "store", "--data", data, "scavenge")
	nothingPersonal(t, shown, data, elsewhere)
	p.stop()
	nothingPersonal(t, map[string]string{"the log": p.stderr.tail(1_000_000)}, data)

	// It starts again, which folds the whole log, and what was erased stays so.
	p = up(t, data, withGames(t)...)
	if third := ran(t, erase...); third != first {
		t.Errorf("after another start it says %q, and said %q", third, first)
	}
	p.stop()
	nothingPersonal(t, map[string]string{"the log": p.stderr.tail(1_000_000)}, data)
	refused(t, erase, []string{"no playcast runs on " + data})
}

// TestMasterKey starts with a wrong key, and changes the right one.
func TestMasterKey(t *testing.T) {
	t.Parallel() // it waits most of the time
	data := dataIn(t)
	p := up(t, data, withGames(t)...)
	anna := names(t, p, "anna")
	file := filepath.Join(data, "master-key")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ran(t, "vault", "--data", data, "rotate")
	after, err := os.ReadFile(file)
	if err != nil || bytes.Equal(before, after) {
		t.Errorf("the key is the same as before, or %v", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := anna.vault.Open(t.Context(), anna.profile.Name); !errors.Is(err, vault.ErrMasterKey) {
		t.Errorf("who has the old key opens: %v", err)
	}
	if strings.Contains(p.stderr.tail(1_000_000), strings.TrimSpace(string(after))) {
		t.Error("the log has the master key")
	}
	p.stop()
	if err := os.WriteFile(file, before, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, []string{"up", "--data", data, "--listen", freeAddress(t), "--store-port", "0", "--media-port", "0"},
		[]string{"master key", "PLAYCAST_MASTER_KEY"})
}

func opens(t *testing.T, who person) {
	t.Helper()
	name, nameErr := who.vault.Open(t.Context(), who.profile.Name)
	email, emailErr := who.vault.Open(t.Context(), who.profile.Email)
	if err := errors.Join(nameErr, emailErr); err != nil || string(name) != personalName || string(email) != personalEmail {
		t.Errorf("of %s it opens %q, %q, %v", who.id, name, email, err)
	}
}

func closed(t *testing.T, who person) {
	t.Helper()
	for _, sealed := range []events.Sealed{who.profile.Name, who.profile.Email} {
		if text, err := who.vault.Open(t.Context(), sealed); !errors.Is(err, vault.ErrErased) {
			t.Errorf("of %s it opens %q, %v", who.id, text, err)
		}
	}
	if _, err := who.vault.Key(t.Context(), who.id); !errors.Is(err, vault.ErrErased) {
		t.Errorf("%s has a key again: %v", who.id, err)
	}
}

// nothingPersonal looks for the name and the address, as they are and as JSON
// would carry them, in what was shown and in every file below some directories.
func nothingPersonal(t *testing.T, shown map[string]string, dirs ...string) {
	t.Helper()
	look := func(where string, content []byte) {
		for _, text := range []string{personalName, personalEmail, "Quillfeather", "quillfeather"} {
			if bytes.Contains(content, []byte(text)) || bytes.Contains(content, []byte(base64.StdEncoding.EncodeToString([]byte(text)))) {
				t.Errorf("%s has %q", where, text)
			}
		}
	}
	for where, text := range shown {
		look(where, []byte(text))
	}
	files := 0
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
				return nil // a database comes and goes with its files
			}
			if err != nil {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			files++
			look(path, content)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if files < 10 {
		t.Errorf("only %d files were looked at", files)
	}
}
