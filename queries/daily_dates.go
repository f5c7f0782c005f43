package queries

import (
	"slices"
	"time"
)

// byDate gathers days by their dates.
type byDate map[time.Time]*Day

func (b byDate) on(date time.Time) *Day {
	date = date.UTC()
	if b[date] == nil {
		b[date] = &Day{Date: date}
	}
	return b[date]
}

func (b byDate) inOrder() []Day {
	all := make([]Day, 0, len(b))
	for _, day := range b {
		all = append(all, *day)
	}
	slices.SortFunc(all, func(a, b Day) int { return a.Date.Compare(b.Date) })
	return all
}
