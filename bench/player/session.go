package player

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/websocket"

	"github.com/playcast/playcast/events"
)

// Session is a session as the gateway shows it.
type Session struct {
	ID           string
	State        events.SessionState
	EndReason    string
	FailureCause string
}

// Request asks for a session of a game.
func (a *Account) Request(ctx context.Context, game events.GameID) (events.SessionID, error) {
	r, err := a.do(ctx, http.MethodPost, a.url+"/v1/sessions", map[string]any{"game": game})
	if err != nil {
		return events.SessionID{}, fmt.Errorf("request a session: %w", err)
	}
	var done struct{ Session, Position string }
	if err := r.read(http.StatusCreated, &done); err != nil {
		return events.SessionID{}, fmt.Errorf("request a session: %w", err)
	}
	// The view has passed the request when it answers for the position.
	if err := a.get(ctx, a.url+"/v1/sessions/"+done.Session+"?position="+done.Position, nil); err != nil {
		return events.SessionID{}, fmt.Errorf("request a session: %w", err)
	}
	return events.ParseSessionID(done.Session)
}

// Play asks for a session and returns when it can be connected to.
func (a *Account) Play(ctx context.Context, game events.GameID) (events.SessionID, error) {
	id, err := a.Request(ctx, game)
	if err != nil {
		return id, err
	}
	_, err = a.Await(ctx, id, events.SessionIsReady)
	return id, err
}

// Games are the games that can be played now.
func (a *Account) Games(ctx context.Context) ([]events.GameID, error) {
	var library struct {
		Games []struct {
			ID        events.GameID
			Available bool
		}
	}
	if err := a.get(ctx, a.url+"/v1/games", &library); err != nil {
		return nil, fmt.Errorf("list the games: %w", err)
	}
	var ids []events.GameID
	for _, g := range library.Games {
		if g.Available {
			ids = append(ids, g.ID)
		}
	}
	return ids, nil
}

// End ends a session.
func (a *Account) End(ctx context.Context, id events.SessionID) error {
	r, err := a.do(ctx, http.MethodPost, a.url+"/v1/sessions/"+id.String()+"/end", nil)
	if err == nil {
		err = r.read(http.StatusOK, nil)
	}
	if err != nil {
		return fmt.Errorf("end session %s: %w", id, err)
	}
	return nil
}

// Await returns the session when it is in one of the states, which the gateway
// pushes. That it is over, and not in one of them, is an error.
func (a *Account) Await(ctx context.Context, id events.SessionID, states ...events.SessionState) (Session, error) {
	found, err := a.await(ctx, id, states)
	if err != nil {
		return found, fmt.Errorf("wait for session %s to be %v (it is %q): %w", id, states, found.State, err)
	}
	return found, nil
}

func (a *Account) await(ctx context.Context, id events.SessionID, states []events.SessionState) (last Session, err error) {
	dialer := websocket.Dialer{NetDialContext: a.dial}
	address := strings.Replace(a.url, "http", "ws", 1) + "/v1/ws"
	conn, answer, err := dialer.DialContext(ctx, address, http.Header{"Origin": {a.url}})
	if err != nil {
		return last, err
	}
	answer.Body.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() }) // frees ReadJSON
	defer func() {
		if stop() {
			conn.Close()
		}
		if ctx.Err() != nil {
			err = ctx.Err()
		}
	}()
	for _, message := range []map[string]string{
		{"type": "hello", "token": a.token}, {"type": "watch", "view": "session", "key": id.String()},
	} {
		if err := conn.WriteJSON(message); err != nil {
			return last, err
		}
	}
	for {
		var push struct {
			Type, Code string
			State      Session
		}
		if err := conn.ReadJSON(&push); err != nil {
			return last, err
		}
		switch {
		case push.Type == "error":
			return last, errors.New(push.Code)
		case push.Type != "state":
			continue
		}
		last = push.State
		if slices.Contains(states, last.State) {
			return last, nil
		}
		if last.State.Over() {
			return last, fmt.Errorf("it is over: %s%s", last.EndReason, last.FailureCause)
		}
	}
}
