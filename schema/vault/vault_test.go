package vault_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/schema"
	"github.com/playcast/playcast/schema/schematest"
	"github.com/playcast/playcast/schema/vault"
)

var postgres *schematest.Server

func TestMain(m *testing.M) {
	os.Exit(schematest.Run(m, func(s *schematest.Server) { postgres = s }))
}

func database(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), postgres.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func masterKey(t *testing.T) vault.MasterKey {
	t.Helper()
	key, err := vault.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func open(t *testing.T, pool *pgxpool.Pool, key vault.MasterKey) *vault.Vault {
	t.Helper()
	v, err := vault.Open(t.Context(), pool, key)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func seal(t *testing.T, v *vault.Vault, player events.PlayerID, text string) events.Sealed {
	t.Helper()
	key, err := v.Key(t.Context(), player)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := events.Seal(key, player, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestAKeyIsMadeOnce(t *testing.T) {
	pool, master := database(t), masterKey(t)
	keys := make([]events.SealingKey, 8)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() {
			v, err := vault.Open(t.Context(), pool, master)
			if err != nil {
				t.Error(err)
				return
			}
			if keys[i], err = v.Key(t.Context(), "anna"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, key := range keys {
		if key != keys[0] || key == (events.SealingKey{}) {
			t.Fatal("who asked at the same moment got another key")
		}
	}
	v := open(t, pool, master)
	if ben, err := v.Key(t.Context(), "ben"); err != nil || ben == keys[0] {
		t.Errorf("another player's key is the same, or %v", err)
	}
	if _, err := v.Key(t.Context(), "No Slug"); err == nil {
		t.Error("a key was made for what is no player")
	}
	if _, err := v.Key(t.Context(), "MASTER"); err == nil {
		t.Error("a key was made under the name of the mark")
	}
}

func TestErasedIsErased(t *testing.T) {
	v := open(t, database(t), masterKey(t))
	name := seal(t, v, "anna", "Anna Ernst")
	if text, err := v.Open(t.Context(), name); err != nil || string(text) != "Anna Ernst" {
		t.Fatalf("opened %q, %v", text, err)
	}
	first, err := v.Erase(t.Context(), "anna")
	if err != nil || first.IsZero() {
		t.Fatal(first, err)
	}
	if _, err := v.Open(t.Context(), name); !errors.Is(err, vault.ErrErased) {
		t.Errorf("opened after the erasure: %v", err)
	}
	if _, err := v.Key(t.Context(), "anna"); !errors.Is(err, vault.ErrErased) {
		t.Errorf("a key after the erasure: %v", err)
	}
	if again, err := v.Erase(t.Context(), "anna"); err != nil || !again.Equal(first) {
		t.Errorf("erased again at %s, %v; first at %s", again, err, first)
	}
	// Who never had a key gets none after being erased, either.
	if _, err := v.Erase(t.Context(), "ben"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Key(t.Context(), "ben"); !errors.Is(err, vault.ErrErased) {
		t.Errorf("a key after the erasure: %v", err)
	}
	if _, err := v.Open(t.Context(), events.Sealed{Player: "carl", Data: name.Data}); !errors.Is(err, events.ErrSealed) {
		t.Errorf("opened with the key of nobody: %v", err)
	}
}

func TestErasingAndMakingAtOnce(t *testing.T) {
	pool, master := database(t), masterKey(t)
	v := open(t, pool, master)
	for i := range 10 {
		player := events.PlayerID(fmt.Sprintf("p%d", i))
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				if _, err := v.Key(t.Context(), player); err != nil && !errors.Is(err, vault.ErrErased) {
					t.Error(err)
				}
			})
		}
		group.Go(func() {
			if _, err := v.Erase(t.Context(), player); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
		if _, err := v.Key(t.Context(), player); !errors.Is(err, vault.ErrErased) {
			t.Errorf("a key after the erasure: %v", err)
		}
	}
}

func TestAWrongMasterKeyOpensNothing(t *testing.T) {
	pool, master := database(t), masterKey(t)
	open(t, pool, master)
	if _, err := vault.Open(t.Context(), pool, masterKey(t)); !errors.Is(err, vault.ErrMasterKey) {
		t.Errorf("got %v", err)
	}
}

func TestRotation(t *testing.T) {
	pool, master, next := database(t), masterKey(t), masterKey(t)
	v, other := open(t, pool, master), open(t, pool, master)
	sealed := map[events.PlayerID]events.Sealed{}
	for i := range 20 {
		player := events.PlayerID(fmt.Sprintf("p%d", i))
		sealed[player] = seal(t, v, player, "name of "+string(player))
	}
	if _, err := v.Erase(t.Context(), "p7"); err != nil {
		t.Fatal(err)
	}
	if err := v.Rotate(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	for _, reader := range []*vault.Vault{v, open(t, pool, next)} {
		for player, s := range sealed {
			text, err := reader.Open(t.Context(), s)
			if player == "p7" {
				if !errors.Is(err, vault.ErrErased) {
					t.Errorf("who was erased came back: %v", err)
				}
			} else if err != nil || string(text) != "name of "+string(player) {
				t.Errorf("%s: %q, %v", player, text, err)
			}
		}
	}
	if _, err := vault.Open(t.Context(), pool, master); !errors.Is(err, vault.ErrMasterKey) {
		t.Errorf("the old master key: %v", err)
	}
	if _, err := other.Key(t.Context(), "newcomer"); !errors.Is(err, vault.ErrMasterKey) {
		t.Errorf("a process with the old master key made a key: %v", err)
	}
	if _, err := other.Key(t.Context(), "p1"); !errors.Is(err, vault.ErrMasterKey) {
		t.Errorf("a process with the old master key read a key: %v", err)
	}
}

// TestABackupFromBeforeAnErasure holds what the README of deploy says: it opens
// with the master key of its time and no other. So an erasure reaches it when a
// rotation follows, and the old master key is kept nowhere.
func TestABackupFromBeforeAnErasure(t *testing.T) {
	pool, restored, master, next := database(t), database(t), masterKey(t), masterKey(t)
	v := open(t, pool, master)
	name := seal(t, v, "anna", "Anna")
	copied(t, pool, restored)
	if _, err := v.Erase(t.Context(), "anna"); err != nil {
		t.Fatal(err)
	}
	if text, err := open(t, restored, master).Open(t.Context(), name); err != nil || string(text) != "Anna" {
		t.Errorf("with the master key of its time the backup opens %q, %v", text, err)
	}
	if err := v.Rotate(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(t.Context(), restored, next); !errors.Is(err, vault.ErrMasterKey) {
		t.Errorf("with the new master key the backup opens: %v", err)
	}
	// A backup made later has no key of theirs under any master key.
	later := database(t)
	copied(t, pool, later)
	if _, err := open(t, later, next).Open(t.Context(), name); !errors.Is(err, vault.ErrErased) {
		t.Errorf("a backup made later opens: %v", err)
	}
}

// copied restores a backup of one vault as another.
func copied(t *testing.T, from, to *pgxpool.Pool) {
	t.Helper()
	for _, table := range []string{"vault.master", "vault.key"} {
		var rows string
		if err := from.QueryRow(t.Context(), "SELECT coalesce(json_agg(r), '[]')::text FROM "+table+" r").Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if _, err := to.Exec(t.Context(), "INSERT INTO "+table+" SELECT * FROM json_populate_recordset(NULL::"+table+", $1)", rows); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheVaultOutlivesTheReadModels: what can't be made again is not dropped with
// what can, and the reader of those can't see it.
func TestTheVaultOutlivesTheReadModels(t *testing.T) {
	url := postgres.Database(t)
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	v := open(t, pool, masterKey(t))
	name := seal(t, v, "anna", "Anna")
	if _, err := pool.Exec(t.Context(), "DROP SCHEMA read CASCADE"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := schema.Apply(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := v.Open(t.Context(), name); err != nil || string(text) != "Anna" {
		t.Errorf("opened %q, %v", text, err)
	}
	for _, read := range []string{"SELECT * FROM vault.key", "SELECT * FROM vault.master"} {
		if _, err := pool.Exec(t.Context(), "SET ROLE "+schema.Reader+"; "+read); err == nil {
			t.Errorf("the reader did %q", read)
		}
	}
}

func TestMasterKeys(t *testing.T) {
	key := masterKey(t)
	if read, err := vault.ParseMasterKey(" " + key.Text() + "\n"); err != nil || read != key {
		t.Errorf("read %v", err)
	}
	for _, odd := range []string{"", "secret-word", key.Text()[:40], key.Text() + "AAAA"} {
		if _, err := vault.ParseMasterKey(odd); err == nil || odd != "" && strings.Contains(err.Error(), odd) {
			t.Errorf("%q: %v", odd, err)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if said := fmt.Sprintf(verb, key); said != "a master key" {
			t.Errorf("%s prints %s", verb, said)
		}
	}
}

func TestAMasterKeyIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master-key")
	keys := make([]vault.MasterKey, 8)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() {
			var err error
			if keys[i], err = vault.KeepMasterKey(path); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, key := range keys {
		if key != keys[0] {
			t.Fatal("who made it at the same moment got another one")
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("beside it lie %v, %v", left, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.KeepMasterKey(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("others may read it: %v", err)
	}
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte("half a k"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.KeepMasterKey(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a torn one: %v", err)
	}
}

func TestWhatIsNoVaultIsSaid(t *testing.T) {
	pool, err := pgxpool.New(t.Context(), postgres.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := vault.Open(context.WithoutCancel(t.Context()), pool, masterKey(t)); err == nil || errors.Is(err, vault.ErrMasterKey) {
		t.Errorf("got %v", err)
	}
}
