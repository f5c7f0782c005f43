package gateway

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/internal/api"
	"github.com/playcast/playcast/queries"
)

// newCode returns the secret of an invitation, 128 random bits: what stands in
// its link. Only its hash is kept.
func newCode() string {
	var secret [16]byte
	rand.Read(secret[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(secret[:])
}

// Invite gives an invitation to the caller's session. Asked twice it gives two,
// as nothing here could tell the first one's code again.
func (g *Gateway) Invite(w http.ResponseWriter, r *http.Request, text string) {
	caller, err := g.caller(r, auth.PlaySessions)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	id, err := sessionID(text)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	wish, err := decode[api.InviteJSONRequestBody](w, r)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	origin := commands.By(events.ByPlayer(caller.Player))
	origin.Correlation = id.String()
	code := newCode()
	invite := session.Invite{
		Session: id, By: caller.Player, Invitation: events.InvitationOf(origin.ID),
		Kind: events.InvitationKind(wish.Kind), CodeHash: events.HashOfCode(code),
	}
	done, err := g.commands.Do(r.Context(), commands.Issue(invite, origin))
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.codes.put(invite.CodeHash, id)
	w.Header().Set("Cache-Control", "no-store")
	g.answer(w, r, http.StatusCreated, api.GivenInvitation{
		Invitation: invite.Invitation.String(), Kind: wish.Kind, Code: code, Position: formatted(done.Position),
	})
}

// Withdraw ends an invitation.
func (g *Gateway) Withdraw(w http.ResponseWriter, r *http.Request, id string, text string, params api.WithdrawParams) {
	invitation, err := events.ParseInvitationID(text)
	if err != nil {
		invitation = events.InvitationID{} // what can't be an id names none
	}
	steer(g, w, r, wish{session: id, command: params.CommandId}, func(id events.SessionID, by events.PlayerID) session.Withdraw {
		return session.Withdraw{Session: id, By: by, Invitation: invitation, Remove: value(params.Remove, false)}
	})
}

// guestID reads a player's id. What can't be one names no guest.
func guestID(text string) events.PlayerID {
	id, err := events.ParsePlayerID(text)
	if err != nil {
		return ""
	}
	return id
}

// Control says all that a guest may use.
func (g *Gateway) Control(w http.ResponseWriter, r *http.Request, id string, player string, params api.ControlParams) {
	guest := guestID(player)
	grant, err := decode[api.ControlJSONRequestBody](w, r)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	steer(g, w, r, wish{session: id, command: params.CommandId}, func(id events.SessionID, by events.PlayerID) session.Control {
		return session.Control{Session: id, By: by, Player: guest, Keyboard: grant.Keyboard, Pads: grant.Pads}
	})
}

// RemoveGuest takes a guest's seat: the caller's own, or in the caller's session.
func (g *Gateway) RemoveGuest(w http.ResponseWriter, r *http.Request, id string, player string, params api.RemoveGuestParams) {
	guest := guestID(player)
	steer(g, w, r, wish{session: id, command: params.CommandId}, func(id events.SessionID, by events.PlayerID) session.Leave {
		return session.Leave{Session: id, By: by, Player: guest}
	})
}

// Invited says what a code opens, to whoever has it.
func (g *Gateway) Invited(w http.ResponseWriter, r *http.Request, code string) {
	invited, err := g.invited(r, code)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	g.answer(w, r, http.StatusOK, api.Invited{
		Kind: api.InvitationKind(invited.Kind), Title: invited.Title, State: api.SessionState(invited.State),
		Host: filled(g.names.of(invited.Host)), Recorded: invited.Recorded,
	})
}

// invited returns what a code opens. Guessing is bounded by address, and use by
// code.
func (g *Gateway) invited(r *http.Request, code string) (queries.Invited, error) {
	if err := g.bounds.addresses.take(address(r)); err != nil {
		return queries.Invited{}, err
	}
	hash := events.HashOfCode(code)
	if err := g.bounds.codes.take(hash); err != nil {
		return queries.Invited{}, err
	}
	return g.opens(r.Context(), hash)
}

// Join takes a seat as a guest. The command itself decides by the code: what is
// read here only says in which session. Who is too young for the game, or may not
// play now, is no guest in it either.
func (g *Gateway) Join(w http.ResponseWriter, r *http.Request, code string, params api.JoinParams) {
	invited, err := g.invited(r, code)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	mayStart := func(ctx context.Context, by events.PlayerID) error { return g.mayStart(ctx, by, invited.Game) }
	steer(g, w, r, wish{session: invited.Session.String(), command: params.CommandId, may: mayStart}, func(id events.SessionID, by events.PlayerID) session.Join {
		return session.Join{Session: id, Player: by, CodeHash: events.HashOfCode(code)}
	})
}

// ListGuestSessions answers with the sessions that the caller is a guest in.
func (g *Gateway) ListGuestSessions(w http.ResponseWriter, r *http.Request, params api.ListGuestSessionsParams) {
	caller, err := g.caller(r, auth.ReadOwn)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	if err := g.await(r, params.Position, queries.ViewSession); err != nil {
		g.refuse(w, r, err)
		return
	}
	joined, err := g.queries.GuestSessions(r.Context(), caller.Player)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	answer := struct {
		Sessions []api.Session `json:"sessions"`
	}{Sessions: make([]api.Session, len(joined))}
	for i, s := range joined {
		answer.Sessions[i] = sessionBody(s)
	}
	g.answer(w, r, http.StatusOK, answer)
}

// sharedBody is a session with its people and what is to come, as the caller may
// see them.
func (g *Gateway) sharedBody(ctx context.Context, caller auth.Identity, s queries.Session) (api.Session, error) {
	body := sessionBody(s)
	if err := g.foretell(ctx, s, &body, time.Now()); err != nil {
		return body, err
	}
	if s.Player != caller.Player && !caller.May(auth.ReadAnySession) {
		body = withoutReasons(body)
	}
	people, err := g.queries.People(ctx, s.ID)
	if err != nil {
		return body, err
	}
	body.People = &api.People{Host: filled(g.names.of(s.Player)), Guests: make([]api.Guest, len(people.Guests))}
	for i, guest := range people.Guests {
		body.People.Guests[i] = api.Guest{
			Player: string(guest.Player), Name: filled(g.names.of(guest.Player)), JoinedAt: guest.JoinedAt,
			Keyboard: guest.Keyboard, Pads: guest.Pads,
		}
	}
	if s.Player != caller.Player {
		return body, nil
	}
	invitations := make([]api.Invitation, len(people.Invitations))
	for i, one := range people.Invitations {
		invitations[i] = api.Invitation{Id: one.ID.String(), Kind: api.InvitationKind(one.Kind), GivenAt: one.GivenAt}
	}
	body.People.Invitations = &invitations
	return body, nil
}
