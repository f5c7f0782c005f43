package simulation

import (
	"container/heap"
	"context"
	"time"
)

// agenda is what is going to happen, by time; at the same time in the order in
// which it was entered.
type agenda struct {
	entries entries
	entered int
}

type entry struct {
	at     time.Time
	number int
	do     func(context.Context)
}

func (a *agenda) enter(at time.Time, do func(context.Context)) {
	a.entered++
	heap.Push(&a.entries, entry{at: at, number: a.entered, do: do})
}

// next takes the first entry that is not after a time.
func (a *agenda) next(until time.Time) (entry, bool) {
	if len(a.entries) == 0 || a.entries[0].at.After(until) {
		return entry{}, false
	}
	return heap.Pop(&a.entries).(entry), true
}

// entries is a heap.
type entries []entry

func (e entries) Len() int { return len(e) }
func (e entries) Less(i, j int) bool {
	if !e[i].at.Equal(e[j].at) {
		return e[i].at.Before(e[j].at)
	}
	return e[i].number < e[j].number
}
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *entries) Push(x any)   { *e = append(*e, x.(entry)) }

func (e *entries) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
