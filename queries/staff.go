package queries

import (
	"context"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// StaffMember is a player with roles.
type StaffMember struct {
	Player events.PlayerID
	Roles  []events.Role
}

// StaffPage is some of those who have roles, by their ids.
type StaffPage struct {
	Staff []StaffMember
	Next  string // the next page's cursor; empty: this was the last
}

// Staff answers: who has which roles? cursor is the Next of the page before,
// empty for the first; size is 1 to 100.
func (d *DB) Staff(ctx context.Context, cursor string, size int) (StaffPage, error) {
	var after byText
	of := listOf("staff")
	if err := of.after(cursor, &after); err != nil {
		return StaffPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Staff(ctx, db.StaffParams{After: after.text, PageSize: int32(size + 1)})
	if err != nil {
		return StaffPage{}, failed("query who has roles", err, nil)
	}
	var page StaffPage
	page.Staff, page.Next = pageOf(of, rows, size, func(r db.StaffRow) (StaffMember, key) {
		return StaffMember{Player: events.PlayerID(r.PlayerID), Roles: rolesOf(r.Roles)}, &byText{text: r.PlayerID}
	})
	return page, nil
}
