package eventlog

import "sync"

// hub wakes those who wait for new events. It carries no events: a woken
// reader looks in the log, so a slow one costs the writer nothing.
type hub struct {
	mu      sync.Mutex
	all     map[*Watch]struct{}
	streams map[string]map[*Watch]struct{}
}

// A Watch is woken after events became readable: every one, or a stream's.
// Whoever made it closes it.
type Watch struct {
	// C holds at most one token. A wake that finds one there is dropped: the
	// reader that takes the token sees both changes.
	C      chan struct{}
	hub    *hub
	stream string
}

func newHub() *hub {
	return &hub{all: map[*Watch]struct{}{}, streams: map[string]map[*Watch]struct{}{}}
}

func (h *hub) watch(stream string) *Watch {
	w := &Watch{C: make(chan struct{}, 1), hub: h, stream: stream}
	h.mu.Lock()
	defer h.mu.Unlock()
	if stream == "" {
		h.all[w] = struct{}{}
		return w
	}
	if h.streams[stream] == nil {
		h.streams[stream] = map[*Watch]struct{}{}
	}
	h.streams[stream][w] = struct{}{}
	return w
}

// Close ends the watch; nobody is woken by it any more.
func (w *Watch) Close() {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	if w.stream == "" {
		delete(w.hub.all, w)
		return
	}
	set := w.hub.streams[w.stream]
	delete(set, w)
	if len(set) == 0 {
		delete(w.hub.streams, w.stream)
	}
}

// wake is called by the writer, once a group, after the head moved.
func (h *hub) wake(changed map[string]*state) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.all {
		w.wake()
	}
	if len(h.streams) == 0 {
		return
	}
	for name := range changed {
		for w := range h.streams[name] {
			w.wake()
		}
	}
}

// wakeAll wakes everybody.
func (h *hub) wakeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.all {
		w.wake()
	}
	for _, watches := range h.streams {
		for w := range watches {
			w.wake()
		}
	}
}

func (w *Watch) wake() {
	select {
	case w.C <- struct{}{}:
	default:
	}
}
