package gateway_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// TestAPlayerHasSoManySessionsOpen asks for many at the same moment.
func TestAPlayerHasSoManySessionsOpen(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.gateway.OpenSessions = 2 })
	player := s.as(t, "player1")
	request := func(command string) answer {
		return player.do(ask{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"doom"}`,
			header: map[string]string{"Command-Id": command}})
	}
	var group sync.WaitGroup
	answers := make(chan answer, 20)
	for range cap(answers) {
		group.Go(func() { answers <- request(uuid.NewString()) })
	}
	group.Wait()
	close(answers)
	opened := 0
	for a := range answers {
		if a.status == http.StatusCreated {
			opened++
			continue
		}
		a.refused(http.StatusConflict, "too-many-sessions")
	}
	if opened != 2 {
		t.Errorf("%d of 20 requests at once were taken, want 2", opened)
	}
	s.as(t, "player2").request() // another player's sessions are of no concern

	var page struct{ Sessions []shown }
	player.get("/v1/sessions").into(http.StatusOK, &page)
	id, err := events.ParseSessionID(page.Sessions[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	player.seen(id, issue(s, session.Fail{Session: id, Cause: events.FailedGame}))
	command := uuid.NewString()
	for range 2 { // the second is the first one repeated
		var done accepted
		request(command).into(http.StatusCreated, &done)
	}
	request(uuid.NewString()).refused(http.StatusConflict, "too-many-sessions")
}

// TestTwoGatewaysTakeOneSessionTooMany has another gateway take a request between
// this one's look at what is open and its own: the later of the two has to go.
func TestTwoGatewaysTakeOneSessionTooMany(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.gateway.OpenSessions = 1 })
	player := s.as(t, "player1")
	here := player.request().id(t)
	there := session.Request{Session: events.SessionOf(events.NewCommandID()), Player: "player1", Game: "doom", Title: "Doom",
		Terms: s.terms(t, here)}
	player.seen(there.Session, issue(s, there))
	s.react(session.NewCrowding())
	if ended := player.await(there.Session, events.SessionIsEnded); ended.EndReason != string(events.EndedCrowded) {
		t.Errorf("the later one ended for %q", ended.EndReason)
	}
	if story := s.story(here); len(story) != 1 {
		t.Errorf("the earlier one's story is %v", story)
	}
}
