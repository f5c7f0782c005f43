package main_test

import (
	"os"
	"path/filepath"
	"testing"
)

// games is a catalog for tests: small pictures, and games that misbehave.
const games = `games:
  - id: saver
    title: Saver
    description: Notes in its home, at each start, which display it has.
    genre: Test
    art: /art/latency-lab.svg
    command: [/bin/sh, -c, 'echo "$DISPLAY" >> "$HOME/save"; exec "$0" lab', "{playcast}"]
    width: 320
    height: 240
    frameRate: 30
    inputs: [keyboard]
  - id: wide
    title: Wide
    description: Draws more than a path is trusted with at first.
    genre: Test
    art: /art/latency-lab.svg
    command: ["{playcast}", lab, --scene, quiet]
    width: 2560
    height: 1440
    frameRate: 60
    inputs: [keyboard]
  - id: flight
    title: Flight
    description: All of it moves, at the size and rate of most games.
    genre: Test
    art: /art/latency-lab.svg
    command: ["{playcast}", lab, --scene, moving]
    width: 1280
    height: 720
    frameRate: 60
    inputs: [keyboard]
  - id: flight-1080
    title: Large flight
    description: The same, larger.
    genre: Test
    art: /art/latency-lab.svg
    command: ["{playcast}", lab, --scene, moving]
    width: 1920
    height: 1080
    frameRate: 60
    inputs: [keyboard]
  - id: slow-1080
    title: Slow flight
    description: Every rung of its ladder is within a busy machine's reach.
    genre: Test
    art: /art/latency-lab.svg
    command: ["{playcast}", lab, --scene, moving]
    width: 1920
    height: 1080
    frameRate: 15
    inputs: [keyboard]
  - id: slow-720
    title: Slow flight
    description: The same, smaller.
    genre: Test
    art: /art/latency-lab.svg
    command: ["{playcast}", lab, --scene, moving]
    width: 1280
    height: 720
    frameRate: 15
    inputs: [keyboard]
  - id: rampage
    title: Rampage
    description: Takes all that it gets, once it is told.
    genre: Test
    art: /art/latency-lab.svg
    command: ["{playcast}", rampage]
    width: 320
    height: 240
    frameRate: 30
    inputs: [keyboard]
    limits: {memory: 512MiB, processes: 200, storage: 256MiB}
  - id: broken
    title: Broken
    description: Ends with an error before it draws.
    genre: Test
    art: /art/latency-lab.svg
    command: [/bin/sh, -c, "echo the cartridge is dusty >&2; exit 3"]
    width: 320
    height: 240
    frameRate: 30
    inputs: [keyboard]
  - id: absent
    title: Absent
    description: Its program is not installed.
    genre: Test
    art: /art/latency-lab.svg
    command: [no-such-game-anywhere]
    packages: [no-such-package]
    width: 320
    height: 240
    frameRate: 30
    inputs: [keyboard]
`

// withGames returns the arguments for a playcast with the games for tests.
func withGames(t *testing.T) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "games.yaml")
	if err := os.WriteFile(path, []byte(games), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"--games", path}
}

// homeOf is the folder of a player's saves of a game.
func (p *product) homeOf(player, game string) string {
	return filepath.Join(p.data, "players", player, game)
}

// gameOf returns the game process of a session: the first of its own group.
func (p *product) gameOf(session string) running {
	p.t.Helper()
	var found []running
	eventually(p.t, "the session's game process", func() (bool, any) {
		found = nil
		for _, r := range processesOf(p.data) {
			if filepath.Base(r.environment["PLAYCAST_RUN"]) == session+"-game" && !r.makesSandbox() {
				found = append(found, r)
			}
		}
		return len(found) == 1, found
	})
	return found[0]
}
