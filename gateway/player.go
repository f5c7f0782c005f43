package gateway

import (
	"context"
	"errors"
	"net/http"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/internal/api"
	"github.com/playcast/playcast/queries"
)

// Config tells a client how to sign in.
func (g *Gateway) Config(w http.ResponseWriter, r *http.Request) {
	recordings := pointer(g.tapes.kept != nil)
	g.answer(w, r, http.StatusOK, api.Config{Issuer: g.config.Issuer, ClientId: g.config.ClientID, Scopes: g.config.Scopes, Recordings: recordings})
}

// Me says who is signed in.
func (g *Gateway) Me(w http.ResponseWriter, r *http.Request) {
	caller, err := g.caller(r, auth.ReadOwn)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	roles := make([]api.MeRoles, len(caller.Roles))
	for i, role := range caller.Roles {
		roles[i] = api.MeRoles(role)
	}
	g.answer(w, r, http.StatusOK, api.Me{Player: string(caller.Player), Name: caller.Name, Roles: roles})
}

// ListGames answers with the library.
func (g *Gateway) ListGames(w http.ResponseWriter, r *http.Request) {
	if _, err := g.caller(r, auth.ReadOwn); err != nil {
		g.refuse(w, r, err)
		return
	}
	library, err := g.queries.WholeLibrary(r.Context())
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	answer := struct {
		Games []api.Game `json:"games"`
	}{Games: make([]api.Game, len(library))}
	for i, game := range library {
		answer.Games[i] = gameBody(game)
	}
	g.answer(w, r, http.StatusOK, answer)
}

// Account answers with the caller's metered time.
func (g *Gateway) Account(w http.ResponseWriter, r *http.Request, params api.AccountParams) {
	caller, err := g.caller(r, auth.ReadOwn)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	if err := g.await(r, params.Position, queries.ViewAccount); err != nil {
		g.refuse(w, r, err)
		return
	}
	account, err := g.queries.Account(r.Context(), caller.Player)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.answer(w, r, http.StatusOK, api.Account{
		Player: string(account.Player), PlayedMs: account.Played.Milliseconds(), Sessions: account.Sessions,
	})
}

// await lets a question that reads some views see the effect that its position
// names. What of a session is billed is waited for by nobody: no request writes it.
func (g *Gateway) await(r *http.Request, text *string, views ...string) error {
	at, err := position(text)
	if err != nil {
		return err
	}
	return g.queries.At(r.Context(), at, views...)
}

// asked returns who asks, and the session that a request asks about as it is
// once its view has passed a position.
func (g *Gateway) asked(r *http.Request, text string, at *api.AtPosition) (auth.Identity, queries.Session, error) {
	caller, err := g.caller(r, auth.ReadOwn)
	if err != nil {
		return caller, queries.Session{}, err
	}
	id, err := sessionID(text)
	if err != nil {
		return caller, queries.Session{}, err
	}
	if err := g.await(r, at, queries.ViewSession); err != nil {
		return caller, queries.Session{}, err
	}
	found, err := g.readable(r.Context(), caller, id)
	return caller, found, err
}

// readable returns a session that the caller may see: their own, one that they
// are a guest in, or any where their role says so. queries.ErrBehind: it will be.
func (g *Gateway) readable(ctx context.Context, caller auth.Identity, id events.SessionID) (queries.Session, error) {
	found, err := g.queries.Session(ctx, id)
	if errors.Is(err, errUnknownSession) {
		return found, g.unlessBehind(ctx, id, caller, err)
	}
	if err != nil || found.Player == caller.Player || caller.May(auth.ReadAnySession) {
		return found, err
	}
	people, err := g.queries.People(ctx, id)
	if err != nil {
		return queries.Session{}, err
	}
	if _, guest := people.Guest(caller.Player); !guest {
		return queries.Session{}, g.unlessBehind(ctx, id, caller, errNotYours)
	}
	return found, nil
}
