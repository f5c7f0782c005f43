package gateway

import (
	"net/http"
	"net/url"

	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// watchPattern is below which pages of every site may ask: the code in the
// address is all that counts, and no cookie ever does.
const watchPattern = "/v1/watch/"

// anywhere lets pages of other sites read an answer (Fetch standard, CORS
// protocol), with all that WHEP carries in headers.
func anywhere(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "POST, PATCH, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Content-Type, If-Match, Authorization")
	h.Set("Access-Control-Expose-Headers", "Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After")
	h.Set("Access-Control-Max-Age", "600")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// watching returns the seat that the code of an invitation to watch gives.
func (g *Gateway) watching(r *http.Request, code string) (place, error) {
	invited, err := g.invited(r, code)
	if err != nil {
		return place{}, err
	}
	if invited.Kind != events.InvitationToWatch {
		return place{}, session.ErrInvitation.With("This invitation is to play. Open its link and sign in.")
	}
	return place{
		session: invited.Session, seat: events.SpectatorSeat(invited.Invitation),
		address: watchPattern + url.PathEscape(code) + "/whep/",
	}, nil
}

// WatchIceServers is IceServers for a spectator, and a preflight's answer.
func (g *Gateway) WatchIceServers(w http.ResponseWriter, r *http.Request, code string) {
	anywhere(w)
	// A preflight carries nothing and is to be answered before the request that
	// it is for is judged.
	if r.Header.Get("Access-Control-Request-Method") != "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	at, err := g.watching(r, code)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	relays, err := g.media.Relays(r.Context(), at.session)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	w.Header().Set("Accept-Post", "application/sdp")
	link(w, relays)
	w.WriteHeader(http.StatusNoContent)
}

// Watch answers a spectator's WHEP offer.
func (g *Gateway) Watch(w http.ResponseWriter, r *http.Request, code string) {
	anywhere(w)
	at, err := g.watching(r, code)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.connect(w, r, at)
}

// WatchingPeer answers a preflight.
func (g *Gateway) WatchingPeer(w http.ResponseWriter, _ *http.Request, _ string, _ string) {
	anywhere(w)
	w.WriteHeader(http.StatusNoContent)
}

// WatchTrickle is Trickle for a spectator.
func (g *Gateway) WatchTrickle(w http.ResponseWriter, r *http.Request, code string, peer string) {
	anywhere(w)
	at, err := g.watching(r, code)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.trickle(w, r, events.Peer{Session: at.session, Seat: at.seat, Name: peer})
}

// StopWatching closes a spectator's peer.
func (g *Gateway) StopWatching(w http.ResponseWriter, r *http.Request, code string, peer string) {
	anywhere(w)
	at, err := g.watching(r, code)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.disconnect(w, r, events.Peer{Session: at.session, Seat: at.seat, Name: peer})
}
