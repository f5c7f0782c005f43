package main

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// pair is a player, and another one.
type pair struct{ Player, Other string }

// withAnother asks what is between two players.
func withAnother[A any](ask func(*queries.DB, context.Context, events.PlayerID, events.PlayerID) (A, error)) func(*queries.DB, context.Context, pair) (A, error) {
	return func(db *queries.DB, ctx context.Context, of pair) (A, error) {
		return ask(db, ctx, events.PlayerID(of.Player), events.PlayerID(of.Other))
	}
}

// peopleQuestions are about friends, and who is there.
func peopleQuestions(ctx context.Context, s *samples) []question {
	friends, presence := views(queries.ViewFriends), views(queries.ViewPresence, queries.ViewFriends)
	befriended := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, friends AS n FROM read.circle")
	asked := texts[events.PlayerID](ctx, s, "SELECT to_id AS id, count(*) AS n FROM read.friend_request WHERE shown_pos IS NOT NULL GROUP BY 1")
	asking := texts[events.PlayerID](ctx, s, "SELECT by_id AS id, count(*) AS n FROM read.friend_request GROUP BY 1")
	blocking := texts[events.PlayerID](ctx, s, "SELECT by_id AS id, count(*) AS n FROM read.block GROUP BY 1")
	pairs := rowsOf[pair](ctx, s, `(SELECT player_id, friend_id FROM read.friendship ORDER BY hashtext(player_id || friend_id) LIMIT 60)
		UNION ALL (SELECT by_id, to_id FROM read.block ORDER BY hashtext(by_id || to_id) LIMIT 60)`)
	there := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.playing GROUP BY 1")
	return []question{
		paged("Friends", presence, befriended, (*queries.DB).Friends),
		about("Circle", friends, befriended, (*queries.DB).Circle),
		paged("RequestsTo", friends, asked, (*queries.DB).RequestsTo),
		paged("RequestsBy", friends, asking, (*queries.DB).RequestsBy),
		paged("Blocked", friends, blocking, (*queries.DB).Blocked),
		about("Tie", friends, pairs, withAnother((*queries.DB).Tie)),
		about("Apart", friends, pairs, withAnother((*queries.DB).Apart)),
		about("Presence", presence, pairs, withAnother((*queries.DB).Presence)),
		about("Presences", presence, slices.Collect(slices.Chunk(there, 20)), func(db *queries.DB, ctx context.Context, of []events.PlayerID) ([]queries.Presence, error) {
			return db.Presences(ctx, of, befriended[0])
		}),
	}
}

// lobbyQuestions are about where players gather.
func lobbyQuestions(ctx context.Context, s *samples) []question {
	lobby := views(queries.ViewLobby)
	lobbies := ids[events.LobbyID](ctx, s, "SELECT lobby_id AS id, members AS n FROM read.lobby")
	talked := ids[events.LobbyID](ctx, s, "SELECT lobby_id AS id, count(*) AS n FROM read.lobby_message GROUP BY 1")
	strict := ids[events.LobbyID](ctx, s, "SELECT lobby_id AS id, count(*) AS n FROM read.lobby_ban GROUP BY 1")
	members := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.lobby_member GROUP BY 1")
	banned := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.lobby_ban GROUP BY 1")
	games := texts[events.GameID](ctx, s, "SELECT game_id AS id, count(*) AS n FROM read.lobby WHERE game_id IS NOT NULL GROUP BY 1")
	codes := collected(ctx, s, "SELECT code_hash FROM read.lobby_code ORDER BY hashtext(code_hash) LIMIT 100", pgx.RowTo[string])
	type join struct {
		player events.PlayerID
		game   events.GameID
	}
	var joins []join
	for i, player := range append(banned, members...) {
		joins = append(joins, join{player, ""}, join{player, games[i%len(games)]})
	}
	return []question{
		about("Lobby", lobby, lobbies, (*queries.DB).Lobby),
		about("LobbyOfCode", lobby, codes, func(db *queries.DB, ctx context.Context, text string) (queries.Gathering, error) {
			var hash events.CodeHash
			if err := hash.UnmarshalText([]byte(text)); err != nil {
				return queries.Gathering{}, err
			}
			return db.LobbyOfCode(ctx, hash)
		}),
		about("LobbyBanned", lobby, strict, (*queries.DB).LobbyBanned),
		paged("LobbyChat", lobby, talked, (*queries.DB).LobbyChat),
		paged("LobbiesOf", lobby, members, (*queries.DB).LobbiesOf),
		paged("JoinableLobbies", views(queries.ViewLobby, queries.ViewFriends), joins,
			func(db *queries.DB, ctx context.Context, of join, cursor string, size int) (queries.LobbyPage, error) {
				return db.JoinableLobbies(ctx, of.player, of.game, cursor, size)
			}),
	}
}

// playerQuestions are about who players are, and what they are told of.
func playerQuestions(ctx context.Context, s *samples) []question {
	player, told := views(queries.ViewPlayer), views(queries.ViewNotification, queries.ViewFriends)
	known := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.player_consent GROUP BY 1")
	notified := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, last_number AS n FROM read.inbox WHERE last_number > 0")
	return []question{
		about("Player", player, known, (*queries.DB).Player),
		about("Names", player, slices.Collect(slices.Chunk(known, 50)), (*queries.DB).Names),
		everything("Staff", player, (*queries.DB).Staff),
		paged("Notifications", told, notified, (*queries.DB).Notifications),
		about("Unseen", told, notified, func(db *queries.DB, ctx context.Context, id events.PlayerID) (queries.Unseen, error) {
			return db.Unseen(ctx, id, 0)
		}),
	}
}
