package queries_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

func TestSessionQualityPageByPage(t *testing.T) {
	f := newFixture(t)
	id, other := f.session("anna", events.SessionIsActive, 1), f.session("bert", events.SessionIsActive, 2)
	var want []queries.Moment
	for i := range 7 {
		at := noon.Add(time.Duration(i) * 5 * time.Second)
		if i == 3 {
			f.exec(`INSERT INTO read.picture_history VALUES ($1, $2, $3, $3, NULL, '{"width":640,"cause":"path-narrow"}')`, uuid.UUID(id), 100+i, at)
			want = append(want, queries.Moment{From: at, To: at, Step: &events.PictureAdapted{Width: 640, Cause: events.PicturePathNarrow}})
			continue
		}
		f.exec(`INSERT INTO read.picture_history VALUES ($1, $2, $3, $4, '{"sent":{"bitRate":1000}}', NULL)`, uuid.UUID(id), 100+i, at, at.Add(5*time.Second))
		want = append(want, queries.Moment{From: at, To: at.Add(5 * time.Second), Quality: &events.Quality{Sent: events.SentQuality{BitRate: 1000}}})
	}
	f.exec(`INSERT INTO read.picture_history VALUES ($1, 103, $2, $2, '{}', NULL)`, uuid.UUID(other), noon)

	var got []queries.Moment
	pages := 0
	for cursor := ""; ; pages++ {
		page, err := f.db.SessionQuality(t.Context(), id, cursor, 3)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Moments...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || pages != 2 {
		t.Errorf("in %d pages after the first (-want +got):\n%s", pages, diff)
	}
	if page, err := f.db.SessionQuality(t.Context(), events.NewSessionID(), "", 3); err != nil || len(page.Moments) > 0 || page.Next != "" {
		t.Errorf("an unknown session: %+v, %v", page, err)
	}
	if _, err := f.db.SessionQuality(t.Context(), id, "forged", 3); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("a forged cursor: %v", err)
	}
}
