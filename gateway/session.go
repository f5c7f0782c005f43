package gateway

import (
	"context"
	"net/http"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/catalog"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/internal/api"
	"github.com/playcast/playcast/queries"
)

var (
	errUnknownSession = queries.ErrSessionUnknown
	errNotYours       = session.ErrNotYours
)

// RequestSession asks for a session of a game in the library.
func (g *Gateway) RequestSession(w http.ResponseWriter, r *http.Request, params api.RequestSessionParams) {
	caller, err := g.caller(r, auth.PlaySessions)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	wish, err := decode[api.RequestSessionJSONRequestBody](w, r)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	game, err := g.game(r.Context(), wish.Game)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	origin, err := origin(caller.Player, params.CommandId)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	id := events.SessionOf(origin.ID)
	origin.Correlation = id.String()
	done, err := g.admit(r.Context(), session.Request{
		Session: id, Player: caller.Player, Game: game.id, Title: game.title, Unavailable: game.reason,
	}, game.minimumAge, origin)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	w.Header().Set("Location", "/v1/sessions/"+id.String())
	g.answer(w, r, http.StatusCreated, api.Accepted{Session: id.String(), Position: formatted(done.Position)})
}

// wanted is a game as a request for a session needs to know it.
type wanted struct {
	id         events.GameID
	title      string
	reason     string // why it can't be played for now; empty: it can
	minimumAge int
}

// game finds what a request names. What can't be an id names no game.
func (g *Gateway) game(ctx context.Context, text string) (wanted, error) {
	if text == "" {
		return wanted{}, errBody.With(`The body of the request names no "game".`)
	}
	id, err := events.ParseGameID(text)
	if err != nil {
		return wanted{}, queries.ErrGameUnknown
	}
	game, err := commands.Ask(ctx, g.commands, events.GameStream(id), func(s catalog.State, _ time.Time) catalog.State { return s })
	switch {
	case err != nil:
		return wanted{}, err
	case !game.Published:
		return wanted{}, queries.ErrGameUnknown
	}
	return wanted{id: id, title: game.Game.Title, reason: game.Reason, minimumAge: game.MinimumAge}, nil
}

// PauseSession stops the game and the clock for a while.
func (g *Gateway) PauseSession(w http.ResponseWriter, r *http.Request, id string, params api.PauseSessionParams) {
	steer(g, w, r, wish{session: id, command: params.CommandId}, func(id events.SessionID, by events.PlayerID) session.Pause {
		return session.Pause{Session: id, By: by}
	})
}

// ResumeSession goes on after a pause, if the player's guardian lets them.
func (g *Gateway) ResumeSession(w http.ResponseWriter, r *http.Request, id string, params api.ResumeSessionParams) {
	mayPlay := func(ctx context.Context, by events.PlayerID) error { return g.mayPlay(ctx, by, 0) }
	steer(g, w, r, wish{session: id, command: params.CommandId, may: mayPlay}, func(id events.SessionID, by events.PlayerID) session.Resume {
		return session.Resume{Session: id, By: by}
	})
}

// EndSession ends the session.
func (g *Gateway) EndSession(w http.ResponseWriter, r *http.Request, id string, params api.EndSessionParams) {
	steer(g, w, r, wish{session: id, command: params.CommandId}, func(id events.SessionID, by events.PlayerID) session.End {
		return session.End{Session: id, By: by, Reason: events.EndedByPlayer}
	})
}

// wish is what every request about a session carries.
type wish struct {
	session string
	command *string
	may     func(context.Context, events.PlayerID) error // refuses who may not; nil: the command decides alone
}

// steer carries out a player's command on a session of theirs; whose it is,
// the command itself decides.
func steer[C commands.Command[session.State]](g *Gateway, w http.ResponseWriter, r *http.Request, wish wish, command func(events.SessionID, events.PlayerID) C) {
	caller, err := g.caller(r, auth.PlaySessions)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	id, err := sessionID(wish.session)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	origin, err := originOn(events.SessionStream(id), caller.Player, wish.command)
	if err == nil && wish.may != nil {
		err = wish.may(r.Context(), caller.Player)
	}
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	origin.Correlation = id.String()
	done, err := g.commands.Do(r.Context(), commands.Issue[session.State](command(id, caller.Player), origin))
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.answer(w, r, http.StatusOK, api.Accepted{Session: id.String(), Position: formatted(done.Position)})
}

// Session answers with one session.
func (g *Gateway) Session(w http.ResponseWriter, r *http.Request, text string, params api.SessionParams) {
	caller, found, err := g.asked(r, text, params.Position)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	body, err := g.sharedBody(r.Context(), caller, found)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.answer(w, r, http.StatusOK, body)
}

// ListSessions answers with a page of the caller's sessions.
func (g *Gateway) ListSessions(w http.ResponseWriter, r *http.Request, params api.ListSessionsParams) {
	caller, err := g.caller(r, auth.ReadOwn)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	if err := g.await(r, params.Position, queries.ViewSession); err != nil {
		g.refuse(w, r, err)
		return
	}
	size := value(params.Limit, 20)
	if size < 1 || size > 100 {
		g.refuse(w, r, errParameter.With("A page holds 1 to 100 sessions."))
		return
	}
	page, err := g.queries.Sessions(r.Context(), caller.Player, value(params.Cursor, ""), size)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	answer := api.SessionPage{Sessions: make([]api.Session, len(page.Sessions)), Next: filled(page.Next)}
	for i, s := range page.Sessions {
		answer.Sessions[i] = sessionBody(s)
	}
	g.answer(w, r, http.StatusOK, answer)
}
