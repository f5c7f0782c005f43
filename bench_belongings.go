package main

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// belongings are events of what a simulated history has nothing of, or little:
// games, profiles, roles, chat, recordings, saves, and one player who has the
// most of each.
type belongings struct {
	lots
	name string // makes what there is another than in other belongings
	n    int    // how much there is
	at   time.Time
	made int
}

// popular is the player who has long lists. There is one, whatever the name of
// the belongings.
const popular events.PlayerID = "popular"

// newBelongings has about 50 n events, of the time from at on. Others than the
// first ones have other names and begin in other months.
func newBelongings(name string, n int, at time.Time, first bool) *belongings {
	b := &belongings{name: name, n: n, at: at}
	if first {
		b.put(events.AccountStream(popular), events.AccountOpened{Player: popular, At: b.at})
	}
	b.catalog()
	b.people()
	b.friends()
	b.lobbies()
	b.sessions()
	b.recordings()
	b.accounts()
	b.invoices()
	b.bills()
	return b
}

// put adds what comes of one command, a second after the one before.
func (b *belongings) put(stream events.Stream, all ...events.Event) {
	b.made++
	command := events.CommandID(b.id("command", b.made))
	meta := events.Metadata{Command: command, Correlation: command.String(), Actor: events.ByPlayer(b.player(b.made % 7))}
	for i, e := range all {
		proposed, err := events.Encode(events.DeriveEventID(command, i), e, meta)
		if err != nil && b.err == nil {
			b.err = err
		}
		b.add(stream, proposed)
	}
	b.at = b.at.Add(time.Second)
}

func (b *belongings) id(kind string, i int) uuid.UUID {
	return uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s/%s/%d", b.name, kind, i))
}

func (b *belongings) player(i int) events.PlayerID {
	return events.PlayerID(fmt.Sprintf("%s-%05d", b.name, i))
}

func (b *belongings) game(i int) events.GameID {
	return events.GameID(fmt.Sprintf("%s-game-%04d", b.name, i%b.n))
}

func (b *belongings) sealed(of events.PlayerID) events.Sealed {
	return events.Sealed{Player: of, Data: make([]byte, 60)}
}

// catalog publishes games: many of one genre, one of another.
func (b *belongings) catalog() {
	first := []string{"Lost", "Dragon", "Dark", "Último", "Super", "Iron", "The", "Silent", "Neon", "Über"}
	second := []string{"Quest", "Tower", "Kingdom", "Rally", "Tactics", "Dragon", "Garden", "Odyssey", "Arena", "Échecs", "城"}
	genres := []string{"strategy", "action", "action", "puzzle", "action", "racing", "action", "adventure"}
	for i := range b.n {
		genre := genres[i%len(genres)]
		if i == 0 {
			genre = "opera"
		}
		game := events.Game{
			ID: b.game(i), Title: fmt.Sprintf("%s %s %d", first[i%len(first)], second[i/len(first)%len(second)], i), Genre: genre,
			Description: fmt.Sprintf("The %s of %s, in which a %s is sought for the %dth time by whoever dares.", genre, first[(i+3)%len(first)], second[i%len(second)], i),
			Width:       1280, Height: 720, FrameRate: 60, Inputs: []events.Input{events.Keyboard, events.MouseRelative, events.Gamepad}[:1+i%3], Players: 1 + i%4,
		}
		stream := events.GameStream(game.ID)
		b.put(stream, events.GamePublished{Game: game, At: b.at})
		if i%5 == 0 {
			b.put(stream, events.AgeLimitChanged{Game: game.ID, Minimum: 6 + i%13, By: events.ByPlayer(popular), At: b.at})
		}
		if i%9 == 0 {
			b.put(stream, events.GameBecameUnavailable{Game: game.ID, Reason: "it is not installed", At: b.at})
		}
		for stars := range 3 {
			player := b.player(i + stars)
			b.put(events.RatingStream(game.ID, player), events.GameRated{Game: game.ID, Player: player, Stars: 1 + (i+stars)%5, At: b.at})
		}
	}
}

// people have profiles, and some of them roles.
func (b *belongings) people() {
	for i := range b.n {
		id := b.player(i)
		stream := events.PlayerStream(id)
		b.put(stream,
			events.ProfileChanged{Player: id, Name: b.sealed(id), Email: b.sealed(id), At: b.at},
			events.PreferencesChanged{Player: id, Preferences: events.Preferences{Locale: "de-AT", Theme: events.ThemeDark}, At: b.at},
			events.ConsentGiven{Player: id, Consent: events.ConsentTerms, Version: "2026-01", At: b.at})
		if i%3 == 0 {
			b.put(stream, events.RoleGranted{Player: id, Role: events.RoleSupport, By: events.ByPlayer(popular), At: b.at})
		}
	}
}

// friends are those of the popular one, with those who ask to be and those who
// were asked and are blocked. Half of them play.
func (b *belongings) friends() {
	for i := range b.n {
		id := b.player(i)
		stream := events.FriendshipStream(events.FriendshipOf(popular, id))
		switch i % 4 {
		case 0, 1:
			b.put(stream, events.FriendRequested{By: id, To: popular, At: b.at})
			b.put(stream, events.FriendshipFormed{By: popular, To: id, At: b.at})
		case 2:
			b.put(stream, events.FriendRequested{By: id, To: popular, At: b.at})
			b.put(stream, events.PlayerBlocked{By: popular, To: b.player(b.n + i), At: b.at})
		case 3:
			b.put(stream, events.FriendRequested{By: popular, To: id, At: b.at})
		}
		state := []events.PresenceState{events.PresenceIsOnline, events.PresenceIsInGame}[i%2]
		b.put(events.PresenceStream(id), events.PresenceChanged{Player: id, State: state, Shown: state, At: b.at})
		if state == events.PresenceIsInGame {
			session := events.SessionID(b.id("session", i))
			b.put(events.PresenceStream(id), events.GameEntered{Player: id, Session: session, Game: b.game(i), At: b.at},
				events.JoinableChanged{Player: id, Session: session, Joinable: i%4 == 1, At: b.at})
		}
	}
}

// lobbies are open, each for a game, and all with the popular one in it. In the
// first one a lot is said, and it keeps many out.
func (b *belongings) lobbies() {
	for i := range b.n / 2 {
		id, host := events.LobbyID(b.id("lobby", i)), b.player(i)
		stream := events.LobbyStream(id)
		b.put(stream, events.LobbyOpened{Lobby: id, Host: host, Visibility: events.LobbyPublic, Capacity: 4,
			CodeHash: events.HashOfCode(id.String()), At: b.at})
		b.put(stream, events.LobbyGameChosen{Lobby: id, Game: b.game(i / 3), Title: "a game", At: b.at})
		b.put(stream, events.LobbyJoined{Lobby: id, Player: popular, At: b.at})
		b.put(stream, events.LobbyReadied{Lobby: id, Player: popular, Ready: true, At: b.at})
		said := 3
		if i == 0 {
			said = 5 * b.n
		}
		for number := range said {
			b.put(stream, events.LobbyMessageSent{Lobby: id, Number: number + 1, Player: host, Text: b.sealed(host), At: b.at})
		}
		for k := range 100 {
			if i == 0 || k < 1 {
				b.put(stream, events.LobbyBanned{Lobby: id, Player: b.player(b.n + i + k), At: b.at})
			}
		}
	}
}

// recordings are finished, most of them the popular one's, with three clips.
func (b *belongings) recordings() {
	for i := range b.n {
		id, player := events.RecordingID(b.id("recording", i)), popular
		if i%4 == 3 {
			player = b.player(i)
		}
		stream := events.RecordingStream(id)
		some := events.Footage{Length: 60_000, Bytes: 9_000_000, Segments: 30}
		b.put(stream, events.RecordingOpened{Recording: id, Session: events.SessionID(b.id("session", i)), Player: player,
			Game: b.game(i), Title: "a game", Worker: b.worker(), At: b.at})
		switch i % 10 {
		case 0:
			b.put(stream, events.RecordingProgressed{Recording: id, Footage: some, At: b.at})
		case 1:
			b.put(stream, events.RecordingFailed{Recording: id, Cause: events.RecordingDiskFull, Footage: some, At: b.at})
		default:
			b.put(stream, events.RecordingFinished{Recording: id, Reason: events.RecordingStopped, Footage: some, Width: 1280, Height: 720, Codec: "H264", At: b.at})
		}
		for k := range 3 {
			b.put(stream, events.ClipCut{Recording: id, Clip: events.ClipID(b.id("clip", 3*i+k)), Title: b.sealed(player),
				From: int64(k) * 1000, To: int64(k)*1000 + 900, At: b.at})
		}
	}
}
