package gateway_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/playcast/playcast/events"
)

func TestTheConfigurationNeedsNoSignIn(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	var config struct{ Issuer, ClientID, Scopes string }
	s.with(t, "").get("/v1/config").into(http.StatusOK, &config)
	if config.Issuer != signIns.url || config.ClientID != "playcast-web" || config.Scopes != "openid profile" {
		t.Errorf("got %+v", config)
	}
}

func TestMe(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for account, role := range map[string]string{"player1": "player", "support1": "support", "analyst1": "analyst"} {
		var me struct {
			Player, Name string
			Roles        []string
		}
		s.as(t, account).get("/v1/me").into(http.StatusOK, &me)
		if me.Player != account || me.Name == "" || !slices.Equal(me.Roles, []string{role}) {
			t.Errorf("%s is %+v", account, me)
		}
	}
}

func TestTheLibrarySaysWhatCanBePlayed(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	var library struct {
		Games []struct {
			ID, Title, Reason string
			Available         bool
			Inputs            []string
		}
	}
	s.as(t, "player1").get("/v1/games").into(http.StatusOK, &library)
	if len(library.Games) != 2 {
		t.Fatalf("got %+v", library)
	}
	first, second := library.Games[0], library.Games[1]
	if first.ID != doom || !first.Available || first.Reason != "" || len(first.Inputs) != 2 {
		t.Errorf("got %+v", first)
	}
	if second.ID != quake || second.Available || second.Reason != why {
		t.Errorf("got %+v", second)
	}
}

func TestAnAccountBeforeItsFirstSessionIsEmpty(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	var account struct {
		Player             string
		PlayedMs, Sessions int64
	}
	s.as(t, "analyst1").get("/v1/account").into(http.StatusOK, &account)
	if account.Player != "analyst1" || account.PlayedMs != 0 || account.Sessions != 0 {
		t.Errorf("got %+v", account)
	}
}

func TestAQuerySeesTheCommandWhosePositionItNames(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	for range 20 {
		done := player.request()
		var page struct{ Sessions []shown }
		player.get("/v1/sessions?limit=1&position="+done.Position).into(http.StatusOK, &page)
		if len(page.Sessions) != 1 || page.Sessions[0].ID != done.Session {
			t.Fatalf("want %s, got %+v", done.Session, page)
		}
	}
}

func TestAViewThatIsBehindSaysSo(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.dark = true })
	player := s.as(t, "player1")
	got := player.get("/v1/account?position=" + decimal(s.head()))
	got.refused(http.StatusServiceUnavailable, "view-behind")
	if got.header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
}

func TestPositionsAreNumbers(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	for _, position := range []string{"-1", "x", "1.5", "0x1", "99999999999999999999", "+1"} {
		for _, path := range []string{"/v1/account", "/v1/sessions", "/v1/sessions/" + events.NewSessionID().String()} {
			player.get(path+"?position="+position).refused(http.StatusBadRequest, "parameter-invalid")
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	var want []string
	var last accepted
	for range 5 {
		last = player.request()
		want = append([]string{last.Session}, want...)
	}
	s.as(t, "player2").request()
	var got []string
	sizes := []int{}
	for cursor := ""; ; {
		var page struct {
			Sessions []shown
			Next     string
		}
		player.get(fmt.Sprintf("/v1/sessions?limit=2&position=%s&cursor=%s", last.Position, cursor)).into(http.StatusOK, &page)
		sizes = append(sizes, len(page.Sessions))
		for _, session := range page.Sessions {
			got = append(got, session.ID)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	// Sessions of one millisecond are told apart by their ids.
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || !slices.Equal(sizes, []int{2, 2, 1}) {
		t.Errorf("want %v, got %v in pages of %v", want, got, sizes)
	}
}

func TestForgedPagesAreRefused(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	long := base64.RawURLEncoding.EncodeToString(make([]byte, 25))
	for _, cursor := range []string{"x", "%00", "AAAA", long, long + "A", "'%20OR%201=1--"} {
		player.get("/v1/sessions?cursor="+cursor).refused(http.StatusBadRequest, "cursor-invalid")
	}
	for _, limit := range []string{"0", "-1", "101", "x", "1e2", "99999999999999999999"} {
		player.get("/v1/sessions?limit="+limit).refused(http.StatusBadRequest, "parameter-invalid")
	}
}
