package main

import (
	"time"

	"github.com/playcast/playcast/events"
)

// changesOf has about everything change that belongings of a name and size have.
func changesOf(name string, n int, at time.Time) *belongings {
	b := &belongings{name: name, n: n, at: at, made: 1_000_000}
	b.put(events.WorkerStream(b.worker()), events.WorkerDraining{Worker: b.worker(), At: b.at})
	for i := range n {
		b.changePlayer(i)
		b.changeSession(i)
		recording := events.RecordingID(b.id("recording", i))
		b.put(events.RecordingStream(recording), events.ClipCut{Recording: recording, Clip: events.ClipID(b.id("another clip", i)), From: 1, To: 2, At: b.at})
		b.put(events.RatingStream(b.game(i), popular), events.GameRated{Game: b.game(i), Player: popular, Stars: 1, At: b.at})
		if i < n/2 {
			b.changeLobby(i)
			b.changeInvoice(i)
		}
	}
	return b
}

// changePlayer gives a player another name, and parts them from the popular one.
func (b *belongings) changePlayer(i int) {
	id := b.player(i)
	b.put(events.PlayerStream(id), events.ProfileChanged{Player: id, Name: events.Sealed{Player: id, Data: []byte("another name")}, At: b.at})
	b.put(events.FriendshipStream(events.FriendshipOf(popular, id)), events.PlayerBlocked{By: id, To: popular, At: b.at})
	b.put(events.FriendshipStream(events.FriendshipOf(popular, b.player(b.n+i))), events.FriendshipFormed{By: popular, To: b.player(b.n + i), At: b.at})
	b.put(events.PresenceStream(id), events.PresenceChanged{Player: id, State: events.PresenceIsIdle, Shown: events.PresenceIsIdle, At: b.at})
}

// changeSession pauses what is played, warns who waits, and keeps the saves of
// the others once more.
func (b *belongings) changeSession(i int) {
	id := events.SessionID(b.id("session", i))
	stream := events.SessionStream(id)
	switch i % 8 {
	case 0:
		b.put(stream, events.SessionWarned{Session: id, Reason: events.EndedLongest, Left: 60, Ends: b.at.Add(time.Minute), At: b.at})
	case 1:
		b.put(stream, events.QualityReported{Session: id, From: b.at, To: b.at, Quality: events.Quality{Sent: events.SentQuality{FrameRate: 1}}, At: b.at},
			events.GuestLeft{Session: id, Player: b.player(i + 1), At: b.at},
			events.SessionPaused{Session: id, Closed: &events.Segment{Number: 1, From: b.at.Add(-time.Minute), To: b.at}, At: b.at})
	default:
		b.put(stream, events.SavesKept{Session: id, Version: "2", Bytes: 8192, Files: 4, At: b.at})
	}
	b.put(events.AccountStream(b.plays(i)), events.PlaytimeMetered{Player: b.plays(i), Session: id, Game: b.game(i),
		Segment: events.Segment{Number: 3, From: b.at.Add(-time.Minute), To: b.at}, At: b.at})
}

// changeLobby has somebody say something there, and lose the right to.
func (b *belongings) changeLobby(i int) {
	id, host := events.LobbyID(b.id("lobby", i)), b.player(i)
	b.put(events.LobbyStream(id),
		events.LobbyMessageSent{Lobby: id, Number: 10_000, Player: host, Text: b.sealed(host), At: b.at},
		events.LobbyBanned{Lobby: id, Player: "nobody", At: b.at})
}

// changeInvoice has an open one asked for.
func (b *belongings) changeInvoice(i int) {
	if i%3 == 0 {
		id := events.InvoiceID(b.id("invoice", i))
		b.put(events.InvoiceStream(id), events.InvoiceWrittenOff{Invoice: id, Player: popular, Amount: euros(1200), At: b.at})
	}
}
