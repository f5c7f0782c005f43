package main

import (
	"time"

	"github.com/playcast/playcast/events"
)

func (b *belongings) worker() events.WorkerID { return events.WorkerID(b.name + "-worker") }

// plays is who plays a session: every second is the popular one's.
func (b *belongings) plays(i int) events.PlayerID {
	if i%2 == 0 {
		return popular
	}
	return b.player(i)
}

// sessions are over, but for one in eight that waits and one that is played, is
// shared with others and is recorded. The first
// that is played has been for long.
func (b *belongings) sessions() {
	b.put(events.WorkerStream(b.worker()), events.WorkerRegistered{Worker: b.worker(), Incarnation: b.name, Slots: b.n, Encoders: []string{"x264"},
		Games: []events.GameID{b.game(0), b.game(1)}, Region: "eu", At: b.at})
	for i := range b.n {
		id, player := events.SessionID(b.id("session", i)), b.plays(i)
		stream := events.SessionStream(id)
		b.put(stream, events.SessionRequested{Session: id, Player: player, Game: b.game(i), Title: "a game",
			Terms: events.SessionTerms{Priority: i % 3}, At: b.at})
		b.put(stream, events.SessionQueued{Session: id, At: b.at})
		if i%8 == 0 {
			continue
		}
		b.put(events.WorkerStream(b.worker()), events.SlotReserved{Worker: b.worker(), Slot: i, Session: id, At: b.at})
		b.put(stream, events.SessionAllocated{Session: id, Player: player, Game: b.game(i), Worker: b.worker(), Slot: i, At: b.at},
			events.SessionLaunched{Session: id, At: b.at}, events.SessionReady{Session: id, Width: 1280, Height: 720, FrameRate: 60, Encoder: "x264", At: b.at},
			events.SessionActivated{Session: id, Segment: 1, At: b.at})
		windows := 2
		if i == 1 {
			windows = 2 * b.n
		}
		for range windows {
			b.put(stream, events.QualityReported{Session: id, From: b.at.Add(-5 * time.Second), To: b.at, Quality: events.Quality{
				Sent: events.SentQuality{FrameRate: 60, BitRate: 9_000_000}, Client: &events.ClientQuality{Reports: 1, FrameRate: 59},
			}, At: b.at})
		}
		if i%8 == 1 {
			b.share(stream, id, i)
		} else {
			b.end(stream, id, i)
		}
	}
}

// share has a guest by one of two invitations.
func (b *belongings) share(stream events.Stream, id events.SessionID, i int) {
	watch, play := events.InvitationID(b.id("watch", i)), events.InvitationID(b.id("play", i))
	b.put(stream,
		events.InvitationGiven{Session: id, Invitation: watch, Kind: events.InvitationToWatch, CodeHash: events.HashOfCode(watch.String()), At: b.at},
		events.InvitationGiven{Session: id, Invitation: play, Kind: events.InvitationToPlay, CodeHash: events.HashOfCode(play.String()), At: b.at})
	for _, guest := range []events.PlayerID{popular, b.player(i + 1)} {
		b.put(stream, events.GuestJoined{Session: id, Player: guest, Invitation: play, At: b.at},
			events.ControlGiven{Session: id, Player: guest, Pads: 1, At: b.at})
	}
	b.put(stream, events.SessionRecordingStarted{Session: id, Recording: events.RecordingID(b.id("recording", i)), By: popular, At: b.at})
}

// end keeps saves, or has trouble with them.
func (b *belongings) end(stream events.Stream, id events.SessionID, i int) {
	played := &events.Segment{Number: 1, From: b.at.Add(-time.Minute), To: b.at}
	b.put(stream, events.SessionEnding{Session: id, Reason: events.EndedByPlayer, Closed: played, At: b.at})
	if i%3 == 0 {
		b.put(stream, events.SavesTroubled{Session: id, Trouble: events.SavesNotKept, Detail: "too large", At: b.at})
	} else {
		b.put(stream, events.SavesKept{Session: id, Version: "1", Bytes: 4096, Files: 3, At: b.at})
	}
	b.put(stream, events.SessionEnded{Session: id, Reason: events.EndedByPlayer, At: b.at})
	b.put(events.WorkerStream(b.worker()), events.SlotReleased{Worker: b.worker(), Slot: i, Session: id, At: b.at})
}
