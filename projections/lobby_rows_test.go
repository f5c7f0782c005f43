package projections_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

// TestLobbyRows: messages lie in the months in which they were said, whoever is
// erased has said nothing, and a code that was taken over changes hands in one
// batch.
func TestLobbyRows(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	h := newHistory(t, store)
	den, cave := events.LobbyOf(events.NewCommandID()), events.LobbyOf(events.NewCommandID())
	say := func(number int, player events.PlayerID, at time.Time) events.Event {
		return events.LobbyMessageSent{Lobby: den, Number: number, Player: player, Text: events.Sealed{Player: player, Data: []byte("sealed")}, At: at}
	}
	h.put(events.LobbyStream(den),
		events.LobbyOpened{Lobby: den, Host: "anna", Visibility: events.LobbyPublic, Capacity: 2, CodeHash: events.HashOfCode("knock"), At: h.now},
		events.LobbyJoined{Lobby: den, Player: "bert", At: h.now},
		say(1, "anna", h.now), say(2, "bert", h.now), say(3, "anna", h.wait(40*24*time.Hour)),
		events.LobbyBanned{Lobby: den, Player: "bert", At: h.now},
		events.LobbyCodeChanged{Lobby: den, CodeHash: events.HashOfCode("ring"), At: h.now})
	h.put(events.LobbyStream(cave),
		events.LobbyOpened{Lobby: cave, Host: "cora", Visibility: events.LobbyByCode, Capacity: 2, CodeHash: events.HashOfCode("knock"), At: h.now})
	h.put(events.PlayerStream("bert"), events.PlayerErased{Player: "bert", At: h.now})
	run(t, url, store)
	settle(t, url, store, allViews()...)

	got := scanRow(t, url, `SELECT
		(SELECT string_agg(number || ' ' || player_id || ' ' || right(tableoid::regclass::text, 7), ', ' ORDER BY number) FROM read_lobby_1.lobby_message),
		(SELECT count(*) FROM read.lobby_ban),
		(SELECT string_agg(l.host_id, ' ' ORDER BY c.code_hash = l.code_hash, l.host_id) FROM read.lobby_code c JOIN read.lobby l USING (lobby_id))`)
	want := []any{"1 anna 2026_01, 3 anna 2026_02", int64(0), "anna cora"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
