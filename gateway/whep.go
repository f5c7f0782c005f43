package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
)

// IceServers tells, before an offer, the relays that the answer to one tells of
// too: a browser has to know them when it gathers its candidates.
func (g *Gateway) IceServers(w http.ResponseWriter, r *http.Request, text string) {
	id, _, err := g.seat(r, text)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	relays, err := g.media.Relays(r.Context(), id)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	w.Header().Set("Accept-Post", "application/sdp")
	link(w, relays)
	w.WriteHeader(http.StatusNoContent)
}

// link names the relays (RFC 9725 section 4.6).
func link(w http.ResponseWriter, relays []ICEServer) {
	w.Header().Set("Cache-Control", "no-store")
	for _, server := range relays {
		w.Header().Add("Link", fmt.Sprintf(`<%s>; rel="ice-server"; username=%q; credential=%q; credential-type="password"`,
			server.URL, server.Username, server.Credential))
	}
}

// place is where in a session somebody's peers are.
type place struct {
	session events.SessionID
	seat    events.Seat
	address string // of the peers
}

// Connect answers a WHEP offer of the session's player or a guest.
func (g *Gateway) Connect(w http.ResponseWriter, r *http.Request, text string) {
	id, seat, err := g.seat(r, text)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.connect(w, r, place{session: id, seat: seat, address: "/v1/sessions/" + id.String() + "/whep/"})
}

// connect answers an offer: 201 with the answer and the peer's address.
func (g *Gateway) connect(w http.ResponseWriter, r *http.Request, at place) {
	offer, err := body(w, r, "application/sdp", maxSDP)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	relays, err := g.media.Relays(r.Context(), at.session)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	peer, answer, err := g.media.Connect(r.Context(), at.session, at.seat, string(offer))
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/sdp")
	link(w, relays)
	w.Header().Set("ETag", entityTag(answer))
	w.Header().Set("Accept-Patch", fragmentType)
	w.Header().Set("Location", at.address+url.PathEscape(peer))
	w.WriteHeader(http.StatusCreated)
	if _, err := w.Write([]byte(answer)); err != nil && r.Context().Err() == nil {
		g.log.Warn("an SDP answer was cut short", "session", at.session, "error", err)
	}
}

// Trickle hands on trickled candidates, or begins a new ICE session where
// If-Match says that any is meant (RFC 9725 section 4.3).
func (g *Gateway) Trickle(w http.ResponseWriter, r *http.Request, text string, peer string) {
	id, seat, err := g.seat(r, text)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.trickle(w, r, events.Peer{Session: id, Seat: seat, Name: peer})
}

func (g *Gateway) trickle(w http.ResponseWriter, r *http.Request, peer events.Peer) {
	fragment, err := body(w, r, fragmentType, maxFragment)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	ice, anew, err := precondition(r.Header.Values("If-Match"))
	switch {
	case err != nil:
	case anew:
		g.restart(w, r, peer, string(fragment))
		return
	default:
		err = g.media.Trickle(r.Context(), peer, ice, string(fragment))
	}
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// restart begins the new ICE session that a client wishes.
func (g *Gateway) restart(w http.ResponseWriter, r *http.Request, peer events.Peer, fragment string) {
	answer, err := g.media.Restart(r.Context(), peer, fragment)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", fragmentType)
	w.Header().Set("ETag", entityTag(answer))
	if _, err := w.Write([]byte(answer)); err != nil && r.Context().Err() == nil {
		g.log.Warn("an ICE answer was cut short", "session", peer.Session, "error", err)
	}
}

// fragmentType is the media type of RFC 8840.
const fragmentType = "application/trickle-ice-sdpfrag"

// entityTag names the ICE session of an answer (RFC 9725 section 4.3): by its
// ice-ufrag, whose characters an ETag may hold.
func entityTag(answer string) string {
	for line := range strings.Lines(answer) {
		if ufrag, ok := strings.CutPrefix(strings.TrimSpace(line), "a=ice-ufrag:"); ok {
			return strconv.Quote(ufrag)
		}
	}
	return `""`
}

// precondition reads an If-Match: the one ICE session that is meant, or that a
// new one is.
func precondition(match []string) (ice string, anew bool, err error) {
	tag := strings.TrimSpace(strings.Join(match, ","))
	switch {
	case tag == "":
		return "", false, errNoTag
	case tag == "*":
		return "", true, nil
	case len(tag) < 2 || tag[0] != '"' || strings.IndexByte(tag[1:], '"') != len(tag)-2:
		return "", false, errTag // weak, or several: no client has more than one
	}
	return tag[1 : len(tag)-1], false, nil
}

// Disconnect closes the caller's peer.
func (g *Gateway) Disconnect(w http.ResponseWriter, r *http.Request, text string, peer string) {
	id, seat, err := g.seat(r, text)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.disconnect(w, r, events.Peer{Session: id, Seat: seat, Name: peer})
}

func (g *Gateway) disconnect(w http.ResponseWriter, r *http.Request, peer events.Peer) {
	if err := g.media.Disconnect(r.Context(), peer); err != nil {
		g.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// seat returns the session that is named, and from where the caller plays it.
func (g *Gateway) seat(r *http.Request, text string) (events.SessionID, events.Seat, error) {
	caller, err := g.caller(r, auth.PlaySessions)
	if err != nil {
		return events.SessionID{}, events.Seat{}, err
	}
	id, err := sessionID(text)
	if err != nil {
		return id, events.Seat{}, err
	}
	seat, err := g.seatOf(r.Context(), id, caller.Player)
	return id, seat, err
}
