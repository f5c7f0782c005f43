package queries

// watchBuffer bounds the changes that wait for a slow watcher.
const watchBuffer = 64

// Watch is one reader's view of the changes. The last place of its buffer is
// kept for a Change without a view: what came then and since is dropped, and
// anything may have changed.
type Watch struct {
	C  <-chan Change
	c  chan Change
	of *listener
}

// Watch begins to hear of changes. The caller closes it.
func (d *DB) Watch() *Watch {
	c := make(chan Change, watchBuffer)
	w := &Watch{C: c, c: c, of: d.listen}
	d.listen.mu.Lock()
	defer d.listen.mu.Unlock()
	d.listen.watchers[w] = struct{}{}
	return w
}

// Close ends the watch. C is not closed.
func (w *Watch) Close() {
	w.of.mu.Lock()
	defer w.of.mu.Unlock()
	delete(w.of.watchers, w)
}

// put never blocks: it is called with the listener's lock held, and is the
// only one that fills the buffer.
func (w *Watch) put(c Change) {
	switch free := cap(w.c) - len(w.c); {
	case free > 1:
		w.c <- c
	case free == 1:
		w.c <- Change{}
	}
}

// Touches says whether a change may concern a stream.
func (c Change) Touches(stream string) bool {
	if c.Keys == nil {
		return true
	}
	for _, key := range c.Keys {
		if key == stream {
			return true
		}
	}
	return false
}
