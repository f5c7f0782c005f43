package gateway_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/playcast/playcast/events"
)

var (
	sdp      = map[string]string{"Content-Type": "application/sdp"}
	fragment = map[string]string{"Content-Type": "application/trickle-ice-sdpfrag"}
)

func whep(id events.SessionID) string { return "/v1/sessions/" + id.String() + "/whep" }

func TestAPeerConnectsTricklesAndLeaves(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	id := player.play()
	got := player.do(ask{method: http.MethodPost, path: whep(id), body: "v=0 offer", header: sdp})
	if got.status != http.StatusCreated || got.header.Get("Content-Type") != "application/sdp" || string(got.body) != answerOf("v=0 answer to v=0 offer") ||
		got.header.Get("ETag") != `"one"` || got.header.Get("Accept-Patch") != "application/trickle-ice-sdpfrag" {
		t.Fatalf("got %d %v: %s", got.status, got.header, got.body)
	}
	peer := got.header.Get("Location")
	if peer != whep(id)+"/peer%2F1" {
		t.Fatalf("the peer is at %q", peer)
	}
	for _, candidate := range []string{"a=candidate:1", "a=candidate:2"} {
		if got := player.do(ask{method: http.MethodPatch, path: peer, body: candidate, header: fragmentOf(`"one"`)}); got.status != http.StatusNoContent {
			t.Errorf("got %d: %s", got.status, got.body)
		}
	}
	if got := s.media.fragments["peer/1"]; !slices.Equal(got, []string{"a=candidate:1", "a=candidate:2"}) {
		t.Errorf("the worker heard %v", got)
	}
	if got := player.do(ask{method: http.MethodDelete, path: peer}); got.status != http.StatusNoContent {
		t.Errorf("got %d: %s", got.status, got.body)
	}
	player.do(ask{method: http.MethodDelete, path: peer}).refused(http.StatusNotFound, "unknown-peer")
	player.do(ask{method: http.MethodPatch, path: peer, body: "a", header: fragmentOf("*")}).refused(http.StatusNotFound, "unknown-peer")
	if got := s.story(id); got[len(got)-1] != "SessionInterrupted" {
		t.Errorf("got %v", got)
	}
}

// fragmentOf is the header of a fragment for an ICE session.
func fragmentOf(tag string) map[string]string {
	return map[string]string{"Content-Type": fragment["Content-Type"], "If-Match": tag}
}

func TestANetworkChanges(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	peer := player.do(ask{method: http.MethodPost, path: whep(player.play()), body: "v=0", header: sdp}).header.Get("Location")
	patch := func(tag, body string) answer {
		header := fragment
		if tag != "" {
			header = fragmentOf(tag)
		}
		return player.do(ask{method: http.MethodPatch, path: peer, body: body, header: header})
	}
	patch("", "a=candidate:1").refused(http.StatusPreconditionRequired, "if-match-missing")
	for _, tag := range []string{`"two"`, `""`} {
		patch(tag, "a=candidate:1").refused(http.StatusPreconditionFailed, "ice-session-over")
	}
	for _, tag := range []string{"one", `W/"one"`, `"`, `"one", "two"`} {
		patch(tag, "a=candidate:1").refused(http.StatusPreconditionFailed, "if-match-invalid")
	}
	got := patch("*", "a=ice-ufrag:mine")
	if got.status != http.StatusOK || got.header.Get("ETag") != `"two"` || got.header.Get("Content-Type") != fragment["Content-Type"] ||
		string(got.body) != "a=ice-ufrag:two\r\na=ice-pwd:new\r\n" {
		t.Fatalf("got %d %v: %s", got.status, got.header, got.body)
	}
	patch(`"one"`, "a=candidate:2").refused(http.StatusPreconditionFailed, "ice-session-over")
	if got := patch(`"two"`, "a=candidate:2"); got.status != http.StatusNoContent {
		t.Errorf("got %d: %s", got.status, got.body)
	}
	if got := s.media.fragments["peer/1"]; !slices.Equal(got, []string{"a=candidate:2"}) {
		t.Errorf("the worker heard %v", got)
	}
}

func TestRelaysAreToldBeforeAnOfferAndWithItsAnswer(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	id := player.play()
	want := []string{`<turn:relay.example.org:3478?transport=udp>; rel="ice-server"; username="1:` + id.String() +
		`"; credential="secret"; credential-type="password"`}
	early := player.do(ask{method: http.MethodOptions, path: whep(id)})
	if early.status != http.StatusNoContent || early.header.Get("Accept-Post") != "application/sdp" || !slices.Equal(early.header["Link"], want) {
		t.Errorf("got %d %v", early.status, early.header)
	}
	late := player.do(ask{method: http.MethodPost, path: whep(id), body: "v=0", header: sdp})
	if late.status != http.StatusCreated || !slices.Equal(late.header["Link"], want) {
		t.Errorf("got %d %v", late.status, late.header)
	}
	s.as(t, "player2").do(ask{method: http.MethodOptions, path: whep(id)}).refused(http.StatusForbidden, "session-not-yours")
	s.with(t, "").do(ask{method: http.MethodOptions, path: whep(id)}).refused(http.StatusUnauthorized, "sign-in-required")
}

func TestOffersThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	id := player.play()
	offer := func(c *client, path, body string, header map[string]string) answer {
		return c.do(ask{method: http.MethodPost, path: path, body: body, header: header})
	}
	s.appendsNothing(t, func() {
		offer(player, whep(id), "not sdp", sdp).refused(http.StatusBadRequest, "not-sdp")
		offer(player, whep(id), "v=0", nil).refused(http.StatusUnsupportedMediaType, "media-type-invalid")
		offer(player, whep(id), "v=0"+strings.Repeat("x", 64<<10), sdp).refused(http.StatusRequestEntityTooLarge, "body-too-large")
		offer(player, whep(events.NewSessionID()), "v=0", sdp).refused(http.StatusNotFound, "unknown-session")
		offer(player, "/v1/sessions/x/whep", "v=0", sdp).refused(http.StatusNotFound, "unknown-session")
		for _, other := range []string{"player2", "support1"} {
			offer(s.as(t, other), whep(id), "v=0", sdp).refused(http.StatusForbidden, "session-not-yours")
			s.as(t, other).do(ask{method: http.MethodPatch, path: whep(id) + "/p", body: "a", header: fragment}).
				refused(http.StatusForbidden, "session-not-yours")
			s.as(t, other).do(ask{method: http.MethodDelete, path: whep(id) + "/p"}).refused(http.StatusForbidden, "session-not-yours")
		}
		player.do(ask{method: http.MethodPatch, path: whep(id) + "/p", body: strings.Repeat("x", 16<<10+1), header: fragment}).
			refused(http.StatusRequestEntityTooLarge, "body-too-large")
		player.do(ask{method: http.MethodPatch, path: whep(id) + "/p", body: "a", header: sdp}).
			refused(http.StatusUnsupportedMediaType, "media-type-invalid")
	})
}
