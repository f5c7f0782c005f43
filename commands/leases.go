package commands

import (
	"cmp"
	"slices"
	"sync"
)

// Missable is how many questions in a row a process may leave unanswered. It
// counts questions, not time: who has slept himself has missed no answers.
const Missable = 2

// Leases are held by processes that answer when they are asked whether they are
// there. A lease is no event: as long as a process answers, nothing is recorded.
// Who asks says what came of it by Answered and Missed, while the policy that has
// the leases folds the log. The zero value has none.
//
//	Begin ─▶ Holders ─▶ asked ─▶ Answered
//	                      └───▶ Missed, too often in a row ─▶ Lost
type Leases[ID cmp.Ordered] struct {
	mu     sync.Mutex
	leases map[ID]*lease[ID]
}

// Holder is a process that is to be asked, and by what name it is known.
type Holder[ID cmp.Ordered] struct {
	Name        ID
	Incarnation string
	Address     string
}

type lease[ID cmp.Ordered] struct {
	Holder[ID]
	cause  Cause
	missed int // in a row
}

// Begin gives the lease of a name to a process, instead of the one before. One
// that has no address can't be asked, and gets none.
func (l *Leases[ID]) Begin(h Holder[ID], cause Cause) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.leases, h.Name)
	if h.Address == "" {
		return
	}
	if l.leases == nil {
		l.leases = map[ID]*lease[ID]{}
	}
	l.leases[h.Name] = &lease[ID]{Holder: h, cause: cause}
}

// End is for a process that is there no more, and known to be gone.
func (l *Leases[ID]) End(name ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.leases, name)
}

// Holders are the processes that are there, as far as is known.
func (l *Leases[ID]) Holders() []Holder[ID] {
	l.mu.Lock()
	defer l.mu.Unlock()
	var holders []Holder[ID]
	for _, one := range l.sorted() {
		holders = append(holders, one.Holder)
	}
	return holders
}

// Answered renews a lease.
func (l *Leases[ID]) Answered(h Holder[ID]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one := l.leases[h.Name]; one != nil && one.Holder == h && one.missed <= Missable {
		one.missed = 0
	}
}

// Missed notes a question that was left unanswered, or answered by another. It
// says whether that was one too many: then the process is lost, whatever it may
// answer yet.
func (l *Leases[ID]) Missed(h Holder[ID]) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.leases[h.Name]
	if one == nil || one.Holder != h {
		return false
	}
	one.missed++
	return one.missed == Missable+1
}

// Lost returns the order that lose makes for each process that is lost.
func (l *Leases[ID]) Lost(lose func(Holder[ID], Cause) Order) []Order {
	l.mu.Lock()
	defer l.mu.Unlock()
	var orders []Order
	for _, one := range l.sorted() {
		if one.missed > Missable {
			orders = append(orders, lose(one.Holder, one.cause))
		}
	}
	return orders
}

func (l *Leases[ID]) sorted() []*lease[ID] {
	all := make([]*lease[ID], 0, len(l.leases))
	for _, one := range l.leases {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *lease[ID]) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
