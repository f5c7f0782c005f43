package session

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// waiting is a session without a slot.
//
// Its place is decided by requested − priority × events.Ageing, the lowest
// first, and never changes: waiting ages everybody alike. Whoever is requested
// more than MaxPriority × Ageing after a session has a later place whatever
// their priority, so nobody overtakes it then. With slots that come free every
// d, for which n sessions were ahead or were requested within that window, it
// waits at most (n + 1) × d: a steady stream of higher classes adds what arrives
// in the window, and no more. Clocks of gateways that differ add their
// difference to the window.
type waiting struct {
	session events.SessionID
	wants   want
	cause   commands.Cause
	place   time.Time
	number  int // in the order of the requests, where places are the same
	lost    int // slots that were reserved for it and taken back
}

// want is what a worker must have for a session.
type want struct {
	game  events.GameID
	needs events.Needs
}

func waits(e events.SessionRequested, cause commands.Cause, number int) *waiting {
	return &waiting{
		session: e.Session, wants: want{e.Game, e.Terms.Needs}, cause: cause, number: number,
		place: e.QueuedAs(),
	}
}

func (w *waiting) compare(other *waiting) int {
	if c := w.place.Compare(other.place); c != 0 {
		return c
	}
	return w.number - other.number
}

// line holds waiting sessions in the order of their places. Finding one is a
// look-up, its place a binary search.
type line struct {
	order []*waiting
	by    map[events.SessionID]*waiting
}

func newLine() line { return line{by: map[events.SessionID]*waiting{}} }

func (l *line) add(w *waiting) {
	if l.by[w.session] != nil {
		return
	}
	l.by[w.session] = w
	l.order = slices.Insert(l.order, l.place(w), w)
}

func (l *line) remove(session events.SessionID) {
	w := l.by[session]
	if w == nil {
		return
	}
	delete(l.by, session)
	i := l.place(w)
	if i == 0 { // as is usual: nothing has to move
		l.order[0] = nil
		l.order = l.order[1:]
		return
	}
	l.order = slices.Delete(l.order, i, i+1)
}

// place is how many go before a session.
func (l *line) place(w *waiting) int {
	i, _ := slices.BinarySearchFunc(l.order, w, (*waiting).compare)
	return i
}

// queue holds waiting sessions in a line for each want, so that those for whom
// there is nothing cost no time.
type queue struct {
	lines map[want]*line
	by    map[events.SessionID]*waiting
}

func newQueue() queue {
	return queue{lines: map[want]*line{}, by: map[events.SessionID]*waiting{}}
}

func (q *queue) add(w *waiting) {
	if q.by[w.session] != nil {
		return
	}
	q.by[w.session] = w
	of := q.lines[w.wants]
	if of == nil {
		made := newLine()
		of = &made
		q.lines[w.wants] = of
	}
	of.add(w)
}

func (q *queue) remove(session events.SessionID) {
	w := q.by[session]
	if w == nil {
		return
	}
	delete(q.by, session)
	of := q.lines[w.wants]
	of.remove(session)
	if len(of.order) == 0 {
		delete(q.lines, w.wants)
	}
}

// visit calls with who waits, by their places. A false answer spares those who
// want the same and come later.
func (q *queue) visit(call func(*waiting) bool) {
	heads := make([][]*waiting, 0, len(q.lines))
	for _, of := range q.lines {
		heads = append(heads, of.order)
	}
	for len(heads) > 0 {
		first := 0
		for i := range heads {
			if heads[i][0].compare(heads[first][0]) < 0 {
				first = i
			}
		}
		next := heads[first][1:]
		if call(heads[first][0]) && len(next) > 0 {
			heads[first] = next
			continue
		}
		last := len(heads) - 1
		heads[first] = heads[last]
		heads = heads[:last]
	}
}
