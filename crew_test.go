//go:build !nolibav

package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	client "github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/events"
)

// crew plays sessions through several gateways, which may be gone at any time:
// what one does not answer is asked of another under the same Command-Id, as a
// page does.
type crew struct {
	t     *testing.T
	over  chan struct{} // closed when no further session is to begin
	ended chan struct{} // takes each session that was played, or was to be, and has come to an end
	group sync.WaitGroup

	mu      sync.Mutex
	answers answers
}

// answers are what the gateways have said to the crew.
type answers struct {
	sessions map[string]string // by the Command-Id of their request
	steered  []accepted        // by other commands
	requests int               // sent, for whatever
	again    int               // commands that had to be asked again
	played   int               // sessions that were connected to
}

// hold wants all that was answered to be in the log: what a gateway has once
// accepted, no kill may undo.
func (a answers) hold(t *testing.T, all []fact) {
	t.Helper()
	requested, at := map[string]int{}, map[string]events.Stream{}
	for _, f := range all {
		at[strconv.FormatUint(uint64(f.Position), 10)] = f.Stream
		if e, is := f.event.(events.SessionRequested); is {
			requested[e.Session.String()]++
		}
	}
	made := map[string]string{}
	for key, id := range a.sessions {
		if other, twice := made[id]; twice {
			t.Errorf("session %s was made by the Command-Ids %s and %s", id, key, other)
		}
		made[id] = key
		if requested[id] != 1 {
			t.Errorf("session %s, which was accepted, is requested %d times in the log", id, requested[id])
		}
	}
	for id := range requested {
		if made[id] == "" {
			t.Errorf("nobody has asked for session %s, or was told of it", id)
		}
	}
	for _, done := range a.steered {
		if stream := at[done.Position]; stream != streamOf(t, done.Session) {
			t.Errorf("what was done to session %s at %s is not in the log: there is an event of %q", done.Session, done.Position, stream)
		}
	}
}

// regular is one of the crew, who is signed in at every gateway.
type regular struct {
	*crew
	name   string
	game   events.GameID
	hasty  bool // does not wait for the game, and ends what was asked for
	doors  []*door
	chance *rand.Rand
}

func employ(t *testing.T, gateways []*station, seed uint64) *crew {
	t.Helper()
	awaitGames(t, gateways)
	c := &crew{t: t, over: make(chan struct{}), ended: make(chan struct{}, 1024), answers: answers{sessions: map[string]string{}}}
	for i, r := range []*regular{
		{name: "player1", game: "saver"}, {name: "player2", game: "saver"}, {name: "support1", game: "saver"},
		{name: "player1", game: "rampage", hasty: true}, {name: "player2", game: "rampage", hasty: true},
	} {
		r.crew, r.chance = c, rand.New(rand.NewPCG(seed, uint64(i)))
		for _, g := range gateways {
			d := &door{config: client.Config{URL: g.url, Name: r.name, Password: g.passwords[r.name]},
				http: &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}}
			t.Cleanup(d.http.CloseIdleConnections)
			r.doors = append(r.doors, d)
		}
		c.group.Go(func() {
			for {
				select {
				case <-c.over:
					return
				default:
				}
				if err := r.play(); err != nil {
					t.Errorf("%s: %v", r.name, err)
					return
				}
				if !r.hasty {
					c.ended <- struct{}{}
				}
			}
		})
	}
	return c
}

// awaitGames waits until every gateway knows what can be played.
func awaitGames(t *testing.T, gateways []*station) {
	t.Helper()
	for _, g := range gateways {
		one := g.signIn("player1")
		eventually(t, "the workers' games to be in the library", func() (bool, any) {
			var library struct{ Games []struct{ ID string } }
			one.must(http.StatusOK, one.do(http.MethodGet, one.url+"/v1/games", nil), &library)
			return len(library.Games) > 0, library
		})
	}
}

// playsOn waits for the end of a session, and a while more.
func (c *crew) playsOn(more time.Duration) {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-time.After(2 * bound):
		c.t.Fatalf("no session has come to its end in %s", 2*bound)
	}
	for len(c.ended) > 0 { // of the time before
		<-c.ended
	}
	select {
	case <-time.After(more):
	case <-c.ended:
	}
}

// leave waits for the last sessions to end.
func (c *crew) leave() answers {
	close(c.over)
	c.group.Wait()
	return c.answers
}

// play asks for a session, plays it if it comes to that, and sees it end.
func (r *regular) play() error {
	defer r.comeIn()()
	key := uuid.NewString()
	done, _, err := r.order("/v1/sessions", key, map[string]any{"game": r.game})
	if err != nil {
		return err
	}
	id := done.Session
	r.mu.Lock()
	r.answers.sessions[key] = id
	r.mu.Unlock()
	if r.hasty {
		if err := r.breathe(time.Duration(r.chance.Int64N(int64(time.Second)))); err != nil {
			return err
		}
		return r.end(id)
	}
	s, err := r.await(id, events.SessionIsReady)
	if err != nil || s.over() {
		return err
	}
	view := r.connect(id)
	if view == nil {
		return r.end(id)
	}
	defer view.Drop()
	r.mu.Lock()
	r.answers.played++
	r.mu.Unlock()
	for _, step := range []struct {
		wish  string
		state events.SessionState
	}{{"", events.SessionIsActive}, {"pause", events.SessionIsPaused}, {"resume", events.SessionIsActive}} {
		if step.wish != "" {
			if _, refused, err := r.order("/v1/sessions/"+id+"/"+step.wish, uuid.NewString(), nil); err != nil || refused {
				if err != nil {
					return err
				}
				break // it has failed meanwhile, or the connection has
			}
		}
		if s, err := r.await(id, step.state, events.SessionIsBroken); err != nil || s.over() {
			return err
		}
	}
	return r.end(id)
}

// comeIn has the page open at one of the gateways, where that is there, until
// it is left without a word.
func (r *regular) comeIn() (leave func()) {
	d := r.doors[r.chance.IntN(len(r.doors))]
	if d.account == nil {
		return func() {}
	}
	address := strings.Replace(d.config.URL, "http://", "ws://", 1) + "/v1/ws"
	conn, _, err := websocket.DefaultDialer.DialContext(r.t.Context(), address, http.Header{"Origin": {d.config.URL}})
	if err != nil {
		return func() {}
	}
	_ = conn.WriteJSON(map[string]string{"type": "hello", "token": d.account.Token()}) // to a gateway that may be dead
	return func() { _ = conn.Close() }
}

// end ends a session, whatever it is doing, and returns when it has ended.
func (r *regular) end(id string) error {
	if _, _, err := r.order("/v1/sessions/"+id+"/end", uuid.NewString(), nil); err != nil {
		return err
	}
	_, err := r.await(id)
	return err
}

func (s session) over() bool { return events.SessionState(s.State).Over() }

// await returns the session when it is in one of the states, or over.
func (r *regular) await(id string, states ...events.SessionState) (last session, err error) {
	for deadline := time.Now().Add(2 * bound); time.Now().Before(deadline); {
		d := r.doors[r.chance.IntN(len(r.doors))]
		status, body := d.do(r.t.Context(), http.MethodGet, "/v1/sessions/"+id, "", nil)
		switch status {
		case http.StatusOK:
			if err := json.Unmarshal(body, &last); err != nil {
				return last, fmt.Errorf("%s: %w", body, err)
			}
			if last.over() || slices.Contains(states, events.SessionState(last.State)) {
				return last, nil
			}
		case 0, http.StatusServiceUnavailable, http.StatusNotFound: // the view may be behind
		default:
			return last, fmt.Errorf("look at session %s: %d: %s", id, status, body)
		}
		if err := r.breathe(100 * time.Millisecond); err != nil {
			return last, err
		}
	}
	return last, fmt.Errorf("session %s hangs: it is %+v, and was to be %v, or over", id, last, states)
}

// breathe is the pause before something is asked again.
func (r *regular) breathe(pause time.Duration) error {
	select {
	case <-time.After(pause):
		return nil
	case <-r.t.Context().Done():
		return r.t.Context().Err()
	}
}

// order asks the gateways in turn until one has carried out a command, or
// refused it because of what it is about. Sometimes both are asked at once.
func (r *regular) order(path, key string, body any) (done accepted, refused bool, err error) {
	type answer struct {
		status int
		body   []byte
	}
	at := r.chance.IntN(len(r.doors))
	for deadline := time.Now().Add(2 * bound); time.Now().Before(deadline); at++ {
		asked := []*door{r.doors[at%len(r.doors)]}
		if r.chance.IntN(4) == 0 {
			asked = r.doors
		}
		got := make([]answer, len(asked))
		var group sync.WaitGroup
		for i, d := range asked {
			group.Go(func() { got[i].status, got[i].body = d.do(r.t.Context(), http.MethodPost, path, key, body) })
		}
		group.Wait()
		r.mu.Lock()
		r.answers.requests += len(asked)
		r.mu.Unlock()
		for _, a := range got {
			switch a.status {
			case http.StatusOK, http.StatusCreated:
				before := done
				if err := json.Unmarshal(a.body, &done); err != nil {
					return done, false, fmt.Errorf("%s: %w", a.body, err)
				}
				if before != (accepted{}) && before.Session != done.Session {
					return done, false, fmt.Errorf("one Command-Id made the sessions %s and %s", before.Session, done.Session)
				}
			case http.StatusConflict:
				refused = true
			case 0, http.StatusServiceUnavailable: // not now
			default:
				return done, false, fmt.Errorf("POST %s: %d: %s", path, a.status, a.body)
			}
		}
		if done != (accepted{}) {
			r.mu.Lock()
			r.answers.steered = append(r.answers.steered, done)
			r.mu.Unlock()
			return done, false, nil
		}
		if refused {
			return done, true, nil
		}
		r.mu.Lock()
		r.answers.again++
		r.mu.Unlock()
		if err := r.breathe(50 * time.Millisecond); err != nil {
			return done, false, err
		}
	}
	return done, false, fmt.Errorf("POST %s: no gateway has answered in %s", path, 2*bound)
}

// connect connects to the picture through one gateway or the other; nil: it is
// not to be had.
func (r *regular) connect(id string) *client.Connection {
	session, err := events.ParseSessionID(id)
	if err != nil {
		return nil
	}
	for range 3 {
		d := r.doors[r.chance.IntN(len(r.doors))]
		account := d.account
		if account == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Second)
		view, err := account.Connect(ctx, session, client.Options{})
		cancel()
		if err == nil {
			return view
		}
	}
	return nil
}
