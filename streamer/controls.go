package streamer

import (
	"sync"

	"github.com/playcast/playcast/streamer/input"
)

// controls play the player's input into the game, except while it is paused:
// what comes then is dropped, or the game would find it all when it goes on.
type controls struct {
	injector *input.Injector

	mu     sync.Mutex // from the look at paused to the end of what follows
	paused bool
}

// begin prepares for a new peer, and releases what the one before held.
func (c *controls) begin() error { return c.injector.Begin() }

// apply plays one message, as Injector.Apply.
func (c *controls) apply(message []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused {
		return nil
	}
	return c.injector.Apply(message)
}

// pause releases what is held, and drops what comes.
func (c *controls) pause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = true
	return c.injector.ReleaseAll()
}

// resume goes on from where the player's hands are with the next message.
func (c *controls) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = false
}

// release releases what is held, for a peer that has gone.
func (c *controls) release() error { return c.injector.ReleaseAll() }

// close frees the connection to the display.
func (c *controls) close() { c.injector.Close() }
