package player

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/playcast/playcast/events"
)

// Invite gives an invitation to the account's session, and returns its code.
func (a *Account) Invite(ctx context.Context, session events.SessionID, kind events.InvitationKind) (code string, err error) {
	var given struct{ Code, Position string }
	r, err := a.do(ctx, http.MethodPost, a.url+"/v1/sessions/"+session.String()+"/invitations", map[string]any{"kind": kind})
	if err == nil {
		err = r.read(http.StatusCreated, &given)
	}
	if err == nil { // the view knows the code when it answers for the position
		err = a.get(ctx, a.url+"/v1/sessions/"+session.String()+"?position="+given.Position, nil)
	}
	if err != nil {
		return "", fmt.Errorf("invite to %s: %w", kind, err)
	}
	return given.Code, nil
}

// Join takes a seat as a guest, by the code of an invitation to play.
func (a *Account) Join(ctx context.Context, code string) (events.SessionID, error) {
	var done struct{ Session, Position string }
	r, err := a.do(ctx, http.MethodPost, a.url+"/v1/invitations/"+url.PathEscape(code), nil)
	if err == nil {
		err = r.read(http.StatusOK, &done)
	}
	if err == nil {
		err = a.get(ctx, a.url+"/v1/sessions/"+done.Session+"?position="+done.Position, nil)
	}
	if err != nil {
		return events.SessionID{}, fmt.Errorf("join: %w", err)
	}
	return events.ParseSessionID(done.Session)
}

// Control says all that a guest may use from now on.
func (a *Account) Control(ctx context.Context, session events.SessionID, guest events.PlayerID, keyboard bool, pads int) error {
	r, err := a.do(ctx, http.MethodPut, a.url+"/v1/sessions/"+session.String()+"/guests/"+string(guest),
		map[string]any{"keyboard": keyboard, "pads": pads})
	if err == nil {
		err = r.read(http.StatusOK, nil)
	}
	if err != nil {
		return fmt.Errorf("give control: %w", err)
	}
	return nil
}

// Watch connects as a spectator, by the code of an invitation to watch. Close
// has to be called.
func (a *Account) Watch(ctx context.Context, code string, o Options) (*Connection, error) {
	c, err := a.connect(ctx, "/v1/watch/"+url.PathEscape(code)+"/whep", o)
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	return c, nil
}

// Shape is how a session's picture is sent to who plays.
type Shape struct {
	Width     int `json:"width"`
	Height    int `json:"height"`
	FrameRate int `json:"frameRate,omitempty"`
}

// Shape asks for it.
func (a *Account) Shape(ctx context.Context, session events.SessionID) (s Shape, err error) {
	return s, a.get(ctx, a.url+"/v1/sessions/"+session.String(), &s)
}
