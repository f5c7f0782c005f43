//go:build !nolibav

package main_test

import (
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

// station is a process of a platform that can be killed and started again: its
// data and what it is started with stay the same.
type station struct {
	*product
	role      string
	arguments []string
}

// start starts it, the first time or again.
func (s *station) start(t *testing.T) {
	t.Helper()
	s.product = up(t, s.data, s.arguments...)
}

// stations are a platform with two processes of every role that can have two.
type stations struct {
	t        *testing.T
	all      []*station
	database *database
	dead     []traces // of sessions whose worker was killed
	homes    []string // where they were
}

func openStations(t *testing.T) *stations {
	t.Helper()
	_, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	s := &stations{t: t, database: openDatabase(t)}
	s.add("node", "--store-port", port)
	shared := []string{"--eventstore", s.all[0].store, "--worker-secret", sharedSecret}
	reading := append(slices.Clone(shared), "--postgres", s.database.url())
	for range 2 {
		s.add("projections", reading...)
		s.add("policies", reading...)
		s.add("gateway", append(reading, "--listen", freeAddress(t), "--limit-sessions", "100")...)
	}
	games := withGames(t)
	for _, name := range []string{"a", "b"} {
		s.add("streamer", append(append(slices.Clone(shared), "--worker", name), games...)...)
	}
	return s
}

func (s *stations) add(role string, more ...string) {
	s.t.Helper()
	one := &station{role: role, product: &product{data: dataIn(s.t)}, arguments: append([]string{"--role", role}, more...)}
	if others := s.of(role); role == "gateway" && len(others) > 0 {
		s.shareMasterKey(others[0].data, one.data)
	}
	one.start(s.t)
	s.all = append(s.all, one)
}

// shareMasterKey lets a gateway open the vault of another.
func (s *stations) shareMasterKey(from, to string) {
	s.t.Helper()
	key, err := os.ReadFile(filepath.Join(from, "master-key"))
	if err == nil {
		err = os.MkdirAll(to, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(to, "master-key"), key, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// of returns the stations of a role.
func (s *stations) of(role string) (found []*station) {
	for _, one := range s.all {
		if one.role == role {
			found = append(found, one)
		}
	}
	return found
}

// kill ends stations without a warning, all at the same time, and starts them again.
func (s *stations) kill(chance *rand.Rand, victims ...*station) {
	s.t.Helper()
	for _, one := range victims {
		for _, left := range tracesOf(one) {
			s.dead, s.homes = append(s.dead, *left), append(s.homes, one.data)
		}
	}
	for _, one := range victims {
		one.product.kill()
	}
	// A start needs the log: the node, if it is among them, is the first.
	slices.SortFunc(victims, func(a, b *station) int { return slices.Index(s.all, a) - slices.Index(s.all, b) })
	for _, one := range victims {
		if chance.IntN(4) == 0 { // in the middle of its start
			short := launch(s.t, upOn(s.t, one.data, one.arguments)...)
			select {
			case <-short.ended:
			case <-time.After(time.Duration(chance.Int64N(int64(300 * time.Millisecond)))):
			}
			short.signal(syscall.SIGKILL)
			short.exit()
		}
		one.start(s.t)
	}
	for _, one := range s.all {
		select {
		case <-one.ended:
			s.t.Fatalf("a process of the %s, which nobody has killed, has ended: %v\n%s", one.role, one.err, one.stderr.tail(20))
		default:
		}
	}
}

// sleep stops a station as if its machine slept, and lets it go on: what it was
// doing then comes late.
func (s *stations) sleep(one *station, lasts time.Duration) {
	s.t.Helper()
	one.signal(syscall.SIGSTOP)
	select {
	case <-time.After(lasts):
	case <-s.t.Context().Done():
	}
	one.signal(syscall.SIGCONT)
}

// victim is one of the stations of a role: of workers the one that has sessions
// to lose.
func (s *stations) victim(chance *rand.Rand, role string) *station {
	pair := s.of(role)
	one, other := pair[chance.IntN(len(pair))], pair[len(pair)-1]
	if role == "streamer" && len(tracesOf(other)) > len(tracesOf(one)) {
		return other
	}
	return one
}

// tracesOf is what the sessions of a worker have, by session.
func tracesOf(worker *station) map[string]*traces {
	found := map[string]*traces{}
	for _, r := range processesOf(worker.data) {
		run := filepath.Base(r.environment["PLAYCAST_RUN"])
		if len(run) < 36 || strings.Count(run[:36], "-") != 4 {
			continue // not of a session
		}
		id := run[:36]
		if found[id] == nil {
			found[id] = &traces{session: id}
		}
		found[id].pids = append(found[id].pids, r.pid)
		if display := r.environment["DISPLAY"]; display != "" {
			found[id].display = strings.TrimPrefix(display, ":")
		}
	}
	return found
}

// stop ends all in good order, the log last, and wants nothing to be left of
// what was killed.
func (s *stations) stop() {
	s.t.Helper()
	for _, one := range slices.Backward(s.all) {
		one.product.stop()
	}
	for i, left := range s.dead {
		left.gone(s.t, s.homes[i])
	}
	for _, worker := range s.of("streamer") {
		if entries, err := os.ReadDir(filepath.Join(worker.data, "run")); err != nil || len(entries) > 0 {
			s.t.Errorf("the sessions of a worker that was killed have left %v, %v", entries, err)
		}
	}
}

// seeded is chance from a seed that is printed: PLAYCAST_SEED is one of before.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if text := os.Getenv("PLAYCAST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("PLAYCAST_SEED: %v", err)
		}
	}
	t.Logf("PLAYCAST_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// TestEveryRoleKilled runs two processes of every role on one store and one
// database, and kills one after the other without a warning, or lets one sleep,
// while sessions are asked for, played, paused and ended through both gateways,
// for as long as PLAYCAST_SOAK says. What was answered has to be there, once;
// whatever was begun has to come to an end; and what is derived from the log has
// to be what the log says.
func TestEveryRoleKilled(t *testing.T) {
	t.Parallel() // it waits most of the time
	lasts := long(t, 0)
	chance := seeded(t)
	s := openStations(t)
	crew := employ(t, s.of("gateway"), chance.Uint64())
	kills, slept := map[string]int{}, map[string]int{}
	turns := []string{"gateway", "node", "policies", "projections", "streamer"}
	began := time.Now()
	for round := 0; round < len(turns)+1 || time.Since(began) < lasts; round++ {
		if round%len(turns) == 0 {
			chance.Shuffle(len(turns), func(i, j int) { turns[i], turns[j] = turns[j], turns[i] })
		}
		crew.playsOn(time.Duration(chance.Int64N(int64(time.Second))))
		victims := []*station{s.victim(chance, turns[round%len(turns)])}
		if round >= len(turns) { // after each role once
			if chance.IntN(3) == 0 {
				slept[victims[0].role]++
				s.sleep(victims[0], time.Duration(chance.Int64N(int64(4*time.Second))))
				continue
			}
			if other := s.all[chance.IntN(len(s.all))]; other != victims[0] { // both of a pair, sometimes
				victims = append(victims, other)
			}
		}
		for _, one := range victims {
			kills[one.role]++
		}
		s.kill(chance, victims...)
	}
	took := time.Since(began)
	answers := crew.leave()
	changes := allGone(t, s.all[0].product)
	if changes == 0 {
		t.Error("nobody was ever there")
	}
	all, report := settledLog(t, s.all[0].product)
	answers.hold(t, all)
	onceOnly(t, all)
	s.database.follows(t, s.all[0].log)
	s.stop()
	t.Logf("%s: killed %v, with %d games, and slept %v; %d requests, %d commands asked again; %d sessions, %d of them connected to, which came to the ends %v; %.0f s of play, all metered; players came or went %d times; %d events",
		took.Round(time.Second), kills, len(s.dead), slept, answers.requests, answers.again, report.Sessions, answers.played, report.Ends, report.MeteredHours*3600, changes, len(all))
}

// allGone waits until nobody is there any more, also by the connections of
// gateways that were killed, and returns how often somebody came or went.
func allGone(t *testing.T, node *product) (changes int) {
	t.Helper()
	eventually(t, "everybody to be offline", func() (bool, any) {
		changes = 0
		there := map[events.PlayerID]events.PresenceState{}
		for _, f := range facts(t, node.log()) {
			if e, is := f.event.(events.PresenceChanged); is {
				changes++
				if there[e.Player] = e.State; e.State == events.PresenceIsOffline {
					delete(there, e.Player)
				}
			}
		}
		return len(there) == 0, there
	})
	return changes
}
