package gateway

import (
	"net/http"
	"net/url"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
)

// Connect answers a WHEP offer: 201 with the answer and the peer's address.
func (g *Gateway) Connect(w http.ResponseWriter, r *http.Request, text string) {
	id, err := g.playing(r, text)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	offer, err := body(w, r, "application/sdp", maxSDP)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	peer, answer, err := g.media.Connect(r.Context(), id, string(offer))
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/sdp")
	w.Header().Set("Location", "/v1/sessions/"+id.String()+"/whep/"+url.PathEscape(peer))
	w.WriteHeader(http.StatusCreated)
	if _, err := w.Write([]byte(answer)); err != nil && r.Context().Err() == nil {
		g.log.Warn("an SDP answer was cut short", "session", id, "error", err)
	}
}

// Trickle hands on trickled candidates.
func (g *Gateway) Trickle(w http.ResponseWriter, r *http.Request, text string, peer string) {
	id, err := g.playing(r, text)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	fragment, err := body(w, r, "application/trickle-ice-sdpfrag", maxFragment)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	if err := g.media.Trickle(r.Context(), id, peer, string(fragment)); err != nil {
		g.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// Disconnect closes the caller's peer.
func (g *Gateway) Disconnect(w http.ResponseWriter, r *http.Request, text string, peer string) {
	id, err := g.playing(r, text)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	if err := g.media.Disconnect(r.Context(), id, peer); err != nil {
		g.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// playing returns the id of a session that the caller plays. Whose it is never
// changes, so the read side's word is good.
func (g *Gateway) playing(r *http.Request, text string) (events.SessionID, error) {
	caller, err := g.caller(r, auth.PlaySessions)
	if err != nil {
		return events.SessionID{}, err
	}
	id, err := sessionID(text)
	if err != nil {
		return id, err
	}
	found, err := g.queries.Session(r.Context(), id)
	if err != nil {
		return id, err
	}
	if found.Player != caller.Player {
		return id, errNotYours
	}
	return id, nil
}
