package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"strconv"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
)

// The sizes, in bytes, beyond which a body is refused.
const (
	maxJSON     = 4 << 10
	maxSDP      = 64 << 10
	maxFragment = 16 << 10
)

// caller returns who asks, if they may, and not too often.
func (g *Gateway) caller(r *http.Request, permission auth.Permission) (auth.Identity, error) {
	identity, err := g.verifier.VerifyRequest(r)
	if err != nil {
		return auth.Identity{}, err
	}
	if err := g.bounds.requests.take(identity.Player); err != nil {
		return auth.Identity{}, err
	}
	g.names.note(identity)
	return identity, identity.Require(permission)
}

// address is where a request comes from: what one holder of addresses has, one of
// IPv4 or a /64 of IPv6. Behind a proxy all come from there, which then is who has
// to bound them.
func address(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := from.Addr().Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}

// body reads a body of a media type and at most limit bytes.
func body(w http.ResponseWriter, r *http.Request, mediaType string, limit int64) ([]byte, error) {
	given, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || given != mediaType {
		return nil, errMediaType.With(fmt.Sprintf("Send a body of Content-Type %s.", mediaType))
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, errTooLarge
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errCutShort, err)
	}
	return content, nil
}

// decode reads a JSON body.
func decode[T any](w http.ResponseWriter, r *http.Request) (T, error) {
	var value T
	content, err := body(w, r, "application/json", maxJSON)
	if err != nil {
		return value, err
	}
	var mistyped *json.UnmarshalTypeError
	err = json.Unmarshal(content, &value)
	switch {
	case errors.As(err, &mistyped) && mistyped.Field != "":
		return value, errBody.With(fmt.Sprintf("In the body of the request, %q can't be a JSON %s.", mistyped.Field, mistyped.Value))
	case errors.As(err, &mistyped):
		return value, errBody.With("The body of the request is not a JSON object.")
	case err != nil:
		return value, errBody.With("The body of the request is not JSON.")
	}
	return value, nil
}

// sessionID reads a session's id. What can't be an id names no session.
func sessionID(text string) (events.SessionID, error) {
	id, err := events.ParseSessionID(text)
	if err != nil {
		return id, errUnknownSession
	}
	return id, nil
}

// position reads where a query wants its view to be; none is the start.
func position(text *string) (events.Position, error) {
	if text == nil {
		return events.Start, nil
	}
	at, err := strconv.ParseUint(*text, 10, 63)
	if err != nil {
		return 0, errParameter.With("The position is not one that a command's answer carried.")
	}
	return events.Position(at), nil
}

// originOn says that a player issues a command on a stream, under the player's own
// choice of an id for that, if there is one.
func originOn(stream events.Stream, player events.PlayerID, choice *string) (commands.Origin, error) {
	origin, err := origin(player, choice)
	if choice != nil && err == nil {
		origin.ID = origin.ID.On(stream)
	}
	return origin, err
}

// origin is originOn of the stream whose id derives from the command's.
func origin(player events.PlayerID, choice *string) (commands.Origin, error) {
	origin := commands.By(events.ByPlayer(player))
	if choice == nil {
		return origin, nil
	}
	id, err := events.ParseCommandID(*choice)
	if err != nil {
		return origin, errParameter.With("The Command-Id is not a UUID.")
	}
	origin.ID = id.OfPlayer(player)
	return origin, nil
}

func formatted(p events.Position) string { return strconv.FormatUint(uint64(p), 10) }
