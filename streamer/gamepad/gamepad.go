package gamepad

import (
	"embed"
	"errors"
	"io/fs"
)

// Count is how many pads a session can have.
const Count = 4

// Pads are the gamepads of a session, by their places 0 to 3. They are safe for
// concurrent use, and wait for no game.
type Pads interface {
	// Launch is what a game needs to find them, inside of a sandbox or outside.
	Launch(sandboxed bool) Launch
	// Plug has a pad appear, at rest. One that is there stays.
	Plug(pad int) error
	// Play has a pad be in a state. One that is not there does nothing.
	Play(pad int, state State) error
	// Unplug has a pad disappear.
	Unplug(pad int) error
	// Close unplugs all, when the game has ended, and frees what there is.
	Close() error
}

// Launch is what to start a game with.
type Launch struct {
	Preload     string // for LD_PRELOAD; empty: nothing
	Environment map[string]string
	Mounts      []Mount
}

// Mount is a file or directory of the host's that a sandbox shows.
type Mount struct{ Host, Inside string }

// Way is how pads come to a game.
type Way string

// The ways.
const (
	Auto    Way = "auto"    // what works here
	Preload Way = "preload" // by a library that is preloaded into the game
	Off     Way = "off"
)

//go:embed all:dist
var dist embed.FS

// Library is the library for games, nil if it was not built before playcast was.
func Library() []byte {
	library, err := fs.ReadFile(dist, "dist/"+libraryFile)
	if err != nil {
		return nil
	}
	return library
}

// ErrNotBuilt is why there is no library.
var ErrNotBuilt = errors.New("the library that shows games their gamepads was not built into this playcast: build it with `make build`")

// errClosed refuses a pad of a session that ends.
var errClosed = errors.New("the session's pads are closed")
