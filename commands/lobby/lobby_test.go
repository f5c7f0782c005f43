package lobby_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/lobby"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

var (
	id     = events.LobbyID(uuid.MustParse("01970000-0000-7000-8000-00000000000b"))
	played = events.SessionOfStart(id, 1)
	before = Now.Add(-time.Minute)
	code   = events.HashOfCode("code")
	newer  = events.HashOfCode("newer")

	public   = events.LobbyOpened{Lobby: id, Host: "anna", Visibility: events.LobbyPublic, Capacity: 3, At: before}
	friendly = events.LobbyOpened{Lobby: id, Host: "anna", Visibility: events.LobbyFriends, Capacity: 3, CodeHash: code, At: before}
	secret   = events.LobbyOpened{Lobby: id, Host: "anna", Visibility: events.LobbyByCode, Capacity: 3, CodeHash: code, At: before}
	bert     = events.LobbyJoined{Lobby: id, Player: "bert", At: before}
	cora     = events.LobbyJoined{Lobby: id, Player: "cora", At: before}
	doom     = events.LobbyGameChosen{Lobby: id, Game: "doom", Title: "Doom", At: before}
	bertSet  = events.LobbyReadied{Lobby: id, Player: "bert", Ready: true, At: before}
	annaLeft = events.LobbyLeft{Lobby: id, Player: "anna", Reason: events.LeftByChoice, At: before}
	bertLeft = events.LobbyLeft{Lobby: id, Player: "bert", Reason: events.LeftByChoice, At: before}
	bertBan  = events.LobbyBanned{Lobby: id, Player: "bert", At: before}
	started  = events.LobbyStarted{Lobby: id, Session: played, Host: "anna", Members: []events.PlayerID{"anna", "bert"}, Game: "doom", Title: "Doom", At: before}
	reopened = events.LobbyReopened{Lobby: id, Session: played, Outcome: events.LobbyPlayed, At: before}
	closed   = events.LobbyClosed{Lobby: id, At: before}
)

// gone is a lobby whose last member has left.
func gone() History { return Given(public, annaLeft, closed) }

// playing is one that plays.
func playing(since ...events.Event) History {
	return Given(append([]events.Event{public, bert, doom, bertSet, started}, since...)...)
}

func text(player events.PlayerID, length int) events.Sealed {
	return events.Sealed{Player: player, Data: make([]byte, length+28)}
}

func TestCreate(t *testing.T) {
	for _, given := range []events.LobbyOpened{public, friendly, secret} {
		given.At = Now
		When(Given(), lobby.Create{Lobby: id, By: "anna", Visibility: given.Visibility, Capacity: 3, CodeHash: given.CodeHash}).Then(t, given)
	}
	wish := lobby.Create{Lobby: id, By: "anna", Visibility: events.LobbyPublic, Capacity: 3}
	When(Given(public), wish).Refused(t, lobby.ErrTaken)
	When(gone(), wish).Refused(t, lobby.ErrTaken)
	for _, capacity := range []int{-1, 0, 1, events.MaxPads + 1} {
		When(Given(), lobby.Create{Lobby: id, By: "anna", Visibility: events.LobbyPublic, Capacity: capacity}).Refused(t, lobby.ErrCapacity)
	}
	When(Given(), lobby.Create{Lobby: id, By: "anna", Visibility: "secret", Capacity: 3}).Refused(t, lobby.ErrVisibility)
	When(Given(), lobby.Create{Lobby: id, By: "anna", Visibility: events.LobbyByCode, Capacity: 3}).Refused(t, lobby.ErrCodeMissing)
}

func TestChangeCode(t *testing.T) {
	wish := lobby.ChangeCode{Lobby: id, By: "anna", CodeHash: newer}
	changed := events.LobbyCodeChanged{Lobby: id, CodeHash: newer, At: Now}
	When(Given(secret), wish).Then(t, changed)
	When(Given(secret, changed), wish).Then(t)
	When(Given(secret, changed), lobby.Join{Lobby: id, Player: "bert", CodeHash: code}).Refused(t, lobby.ErrCode)
	When(Given(secret), lobby.ChangeCode{Lobby: id, By: "anna"}).Refused(t, lobby.ErrCodeMissing)
	When(Given(friendly), lobby.ChangeCode{Lobby: id, By: "anna"}).Then(t, events.LobbyCodeChanged{Lobby: id, At: Now})
	When(Given(secret, bert), lobby.ChangeCode{Lobby: id, By: "bert", CodeHash: newer}).Refused(t, lobby.ErrNotHost)
}

func TestJoin(t *testing.T) {
	joined := events.LobbyJoined{Lobby: id, Player: "bert", At: Now}
	for name, c := range map[string]struct {
		given  History
		code   events.CodeHash
		friend events.PlayerID
		want   error // nil: joined
	}{
		"a public lobby":                       {given: Given(public)},
		"one for friends, as a friend":         {given: Given(friendly), friend: "anna"},
		"one for friends, by the code":         {given: Given(friendly), code: code},
		"one for friends, as nobody's friend":  {given: Given(friendly), want: lobby.ErrFriendsOnly},
		"as a friend of who is host no more":   {given: Given(friendly, cora, annaLeft, events.LobbyHandedOver{Lobby: id, From: "anna", To: "cora"}), friend: "anna", want: lobby.ErrFriendsOnly},
		"one by code":                          {given: Given(secret), code: code},
		"one by code, with another":            {given: Given(secret), code: newer, want: lobby.ErrCode},
		"one by code, as a friend":             {given: Given(secret), friend: "anna", want: lobby.ErrCode},
		"one by code, without":                 {given: Given(secret), want: lobby.ErrCode},
		"one for friends, with the wrong code": {given: Given(friendly), code: newer, want: lobby.ErrCode},
		"a full one":                           {given: Given(public, cora, events.LobbyJoined{Lobby: id, Player: "dora"}), want: lobby.ErrFull},
		"a full one, banned":                   {given: Given(secret, bertBan), code: code, want: lobby.ErrBanned},
		"unbanned":                             {given: Given(public, bertBan, events.LobbyUnbanned{Lobby: id, Player: "bert"})},
		"one that is not there":                {given: Given(), want: lobby.ErrUnknown},
		"one that is closed":                   {given: gone(), want: lobby.ErrClosed},
		"one that plays":                       {given: playing(bertLeft)},
		"one they have been kicked from":       {given: Given(public, bert, events.LobbyLeft{Lobby: id, Player: "bert", Reason: events.LeftByKick})},
	} {
		t.Run(name, func(t *testing.T) {
			decision := When(c.given, lobby.Join{Lobby: id, Player: "bert", CodeHash: c.code, FriendOf: c.friend})
			if c.want != nil {
				decision.Refused(t, c.want)
			} else {
				decision.Then(t, joined)
			}
		})
	}
	When(Given(secret, bert), lobby.Join{Lobby: id, Player: "bert"}).Then(t)
}

func TestLeaving(t *testing.T) {
	for reason, wish := range map[events.LobbyLeaving]func(events.PlayerID) commands.Command[lobby.State]{
		events.LeftByChoice: func(who events.PlayerID) commands.Command[lobby.State] { return lobby.Leave{Lobby: id, Player: who} },
		events.LeftAbsent:   func(who events.PlayerID) commands.Command[lobby.State] { return lobby.Drop{Lobby: id, Player: who} },
	} {
		left := func(who events.PlayerID) events.Event {
			return events.LobbyLeft{Lobby: id, Player: who, Reason: reason, At: Now}
		}
		over := events.LobbyHandedOver{Lobby: id, From: "anna", To: "bert", At: Now}
		When(Given(public, bert), wish("bert")).Then(t, left("bert"))
		When(Given(public, bert, cora), wish("anna")).Then(t, left("anna"), over)
		When(playing(), wish("anna")).Then(t, left("anna"), over)
		When(Given(public), wish("anna")).Then(t, left("anna"), events.LobbyClosed{Lobby: id, At: Now})
		When(Given(public), wish("bert")).Then(t)
		When(gone(), wish("anna")).Then(t)
		When(Given(), wish("anna")).Refused(t, lobby.ErrUnknown)
	}
}

func TestKick(t *testing.T) {
	wish := lobby.Kick{Lobby: id, By: "anna", Player: "bert"}
	When(Given(public, bert), wish).Then(t, events.LobbyLeft{Lobby: id, Player: "bert", Reason: events.LeftByKick, At: Now})
	When(Given(public), wish).Then(t)
	When(Given(public, bert), lobby.Kick{Lobby: id, By: "bert", Player: "anna"}).Refused(t, lobby.ErrNotHost)
	When(Given(public, bert), lobby.Kick{Lobby: id, By: "anna", Player: "anna"}).Refused(t, lobby.ErrSelf)
	When(gone(), wish).Refused(t, lobby.ErrClosed)
}

func TestBan(t *testing.T) {
	wish := lobby.Ban{Lobby: id, By: "anna", Player: "bert"}
	banned := events.LobbyBanned{Lobby: id, Player: "bert", At: Now}
	When(Given(public, bert), wish).Then(t, events.LobbyLeft{Lobby: id, Player: "bert", Reason: events.LeftByBan, At: Now}, banned)
	When(Given(public), wish).Then(t, banned)
	When(Given(public, bertBan), wish).Then(t)
	When(Given(public, bert), lobby.Ban{Lobby: id, By: "bert", Player: "anna"}).Refused(t, lobby.ErrNotHost)
	When(Given(public), lobby.Ban{Lobby: id, By: "anna", Player: "anna"}).Refused(t, lobby.ErrSelf)
	full := []events.Event{public}
	for i := range lobby.MaxBanned {
		full = append(full, events.LobbyBanned{Lobby: id, Player: events.PlayerID(fmt.Sprint("p", i))})
	}
	When(Given(full...), wish).Refused(t, lobby.ErrTooManyBanned)

	unban := lobby.Unban{Lobby: id, By: "anna", Player: "bert"}
	When(Given(public, bertBan), unban).Then(t, events.LobbyUnbanned{Lobby: id, Player: "bert", At: Now})
	When(Given(public), unban).Then(t)
	When(Given(public, bertBan), lobby.Unban{Lobby: id, By: "bert", Player: "bert"}).Refused(t, lobby.ErrNotHost)
}

func TestHandOver(t *testing.T) {
	wish := lobby.HandOver{Lobby: id, By: "anna", To: "bert"}
	over := events.LobbyHandedOver{Lobby: id, From: "anna", To: "bert", At: Now}
	When(Given(public, bert), wish).Then(t, over)
	When(playing(), wish).Then(t, over)
	When(Given(public, bert, over), wish).Refused(t, lobby.ErrNotHost)
	When(Given(public), wish).Refused(t, lobby.ErrNoMember)
	When(Given(public), lobby.HandOver{Lobby: id, By: "anna", To: "anna"}).Then(t)
}

func TestSetReady(t *testing.T) {
	wish := lobby.SetReady{Lobby: id, Player: "bert", Ready: true}
	set := events.LobbyReadied{Lobby: id, Player: "bert", Ready: true, At: Now}
	unset := events.LobbyReadied{Lobby: id, Player: "bert", At: Now}
	When(Given(public, bert, doom), wish).Then(t, set)
	When(Given(public, bert, doom, bertSet), wish).Then(t)
	When(Given(public, bert, doom, bertSet), lobby.SetReady{Lobby: id, Player: "bert"}).Then(t, unset)
	When(Given(public, bert, doom, bertSet, doom), wish).Then(t, set)
	When(playing(reopened), wish).Then(t, set)
	When(playing(), lobby.SetReady{Lobby: id, Player: "bert"}).Refused(t, lobby.ErrPlaying)
	When(Given(public, bert), wish).Refused(t, lobby.ErrNoGame)
	When(Given(public, doom), wish).Refused(t, lobby.ErrNotMember)
	When(gone(), wish).Refused(t, lobby.ErrClosed)
}

func TestChoose(t *testing.T) {
	wish := lobby.Choose{Lobby: id, By: "anna", Game: "doom", Title: "Doom"}
	chosen := doom
	chosen.At = Now
	When(Given(public), wish).Then(t, chosen)
	When(Given(public, doom), wish).Then(t)
	When(playing(), lobby.Choose{Lobby: id, By: "anna", Game: "quake", Title: "Quake"}).Refused(t, lobby.ErrPlaying)
	When(Given(public), lobby.Choose{Lobby: id, By: "anna", Title: "Doom"}).Refused(t, lobby.ErrNoGame)
	When(Given(public, bert), lobby.Choose{Lobby: id, By: "bert", Game: "doom"}).Refused(t, lobby.ErrNotHost)
	wish.Unavailable = "its files are missing"
	When(Given(public), wish).Refused(t, lobby.ErrUnavailable)
}

func TestStart(t *testing.T) {
	wish := lobby.Start{Lobby: id, By: "anna"}
	began := started
	began.At = Now
	When(Given(public, bert, doom, bertSet), wish).Then(t, began)
	When(playing(), wish).Then(t)
	alone := began
	alone.Members = []events.PlayerID{"anna"}
	When(Given(public, doom), wish).Then(t, alone)
	terms := events.SessionTerms{Priority: 2, Longest: 3600}
	paid := began
	paid.Terms = terms
	When(Given(public, bert, doom, bertSet), lobby.Start{Lobby: id, By: "anna", Terms: terms}).Then(t, paid)
	again := began
	again.Session = events.SessionOfStart(id, 2)
	When(playing(reopened, bertSet), wish).Then(t, again)
	theirs := began
	theirs.Host, theirs.Members = "bert", []events.PlayerID{"bert"}
	When(Given(public, bert, doom, annaLeft, events.LobbyHandedOver{Lobby: id, From: "anna", To: "bert"}), lobby.Start{Lobby: id, By: "bert"}).Then(t, theirs)

	When(Given(public, bert, doom), wish).Refused(t, lobby.ErrNotReady)
	When(Given(public), wish).Refused(t, lobby.ErrNoGame)
	When(Given(public, bert, doom, bertSet), lobby.Start{Lobby: id, By: "bert"}).Refused(t, lobby.ErrNotHost)
	When(Given(public, doom), lobby.Start{Lobby: id, By: "anna", Unavailable: "it was withdrawn"}).Refused(t, lobby.ErrUnavailable)
	When(Given(public, doom), lobby.Start{Lobby: id, By: "anna", Terms: events.SessionTerms{Priority: -1}}).Refused(t, session.ErrTerms)
	When(Given(public, doom), lobby.Start{Lobby: id, By: "anna", Terms: events.SessionTerms{Allowance: -1}}).Refused(t, session.ErrSpent)
	When(Given(), wish).Refused(t, lobby.ErrUnknown)
}

func TestReopen(t *testing.T) {
	wish := lobby.Reopen{Lobby: id, Session: played, Outcome: events.LobbyPlayed}
	again := reopened
	again.At = Now
	When(playing(), wish).Then(t, again)
	When(playing(reopened), wish).Then(t)
	When(playing(bertLeft, annaLeft, closed), wish).Then(t)
	When(playing(), lobby.Reopen{Lobby: id, Session: events.SessionOfStart(id, 2), Outcome: events.LobbyPlayed}).Then(t)
	When(Given(), wish).Refused(t, lobby.ErrUnknown)
}

func TestSay(t *testing.T) {
	say := func(text events.Sealed) lobby.Say { return lobby.Say{Lobby: id, Player: "bert", Text: text} }
	said := func(number, length int) events.Event {
		return events.LobbyMessageSent{Lobby: id, Number: number, Player: "bert", Text: text("bert", length), At: Now}
	}
	When(Given(public, bert), say(text("bert", 1))).Then(t, said(1, 1))
	When(playing(said(1, 9)), say(text("bert", lobby.MaxMessage))).Then(t, said(2, lobby.MaxMessage))
	When(Given(public, bert), say(text("bert", 0))).Refused(t, lobby.ErrMessage)
	When(Given(public, bert), say(events.Sealed{Player: "bert"})).Refused(t, lobby.ErrMessage)
	When(Given(public, bert), say(text("bert", lobby.MaxMessage+1))).Refused(t, lobby.ErrMessage)
	When(Given(public, bert), say(text("anna", 5))).Refused(t, lobby.ErrMessage)
	When(Given(public), say(text("bert", 5))).Refused(t, lobby.ErrNotMember)
	When(gone(), say(text("bert", 5))).Refused(t, lobby.ErrClosed)

	var much []events.Event
	for n := range lobby.MaxSaid {
		much = append(much, said(n+1, 5))
	}
	history := append([]events.Event{public, bert}, much...)
	When(Given(history...), say(text("bert", 5))).Refused(t, lobby.ErrTooFast)
	When(Given(history...).At(Now.Add(lobby.SaidWhile-1)), say(text("bert", 5))).Refused(t, lobby.ErrTooFast)
	for _, at := range []time.Time{Now.Add(lobby.SaidWhile), Now.Add(-time.Hour)} {
		next := said(lobby.MaxSaid+1, 5).(events.LobbyMessageSent)
		next.At = at
		When(Given(history...).At(at), say(text("bert", 5))).Then(t, next)
	}
	anna := events.LobbyMessageSent{Lobby: id, Number: lobby.MaxSaid + 1, Player: "anna", Text: text("anna", 5), At: Now}
	When(Given(history...), lobby.Say{Lobby: id, Player: "anna", Text: text("anna", 5)}).Then(t, anna)
}
