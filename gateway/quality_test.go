package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// moment is what the tests look at in a part of a picture's story.
type moment struct {
	From, To time.Time
	Quality  *struct {
		Sent   struct{ BitRate int }
		Client *struct{ InputToPresent struct{ P95 float64 } }
	}
	Step *struct {
		Width    int
		Cause    string
		Estimate int
	}
}

func TestTheStoryOfAPicture(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	id := player.play()
	issue(s, session.Activate{Session: id})
	from := time.Now().UTC().Truncate(time.Millisecond)
	report := session.ReportQuality{Session: id, From: from, To: from.Add(5 * time.Second), Quality: events.Quality{
		Sent:   events.SentQuality{FrameRate: 60, BitRate: 5_000_000},
		Client: &events.ClientQuality{Reports: 2, InputToPresent: events.Percentiles{P50: 20, P95: 30, P99: 40}},
	}}
	issue(s, report)
	issue(s, session.Adapt{Worker: worker, Picture: events.PictureAdapted{
		Session: id, Width: 480, Height: 360, FrameRate: 35, BitRate: 1_000_000, Encoder: "openh264",
		Cause: events.PicturePathNarrow, Estimate: 1_200_000,
	}})
	report.From, report.To, report.Quality.Client = report.To, report.To.Add(5*time.Second), nil
	at := issue(s, report)

	path := "/v1/sessions/" + id.String() + "/quality"
	var all []moment
	for cursor := ""; ; {
		var page struct {
			Moments []moment
			Next    string
		}
		player.get(path+"?limit=2&position="+decimal(at)+"&cursor="+cursor).into(http.StatusOK, &page)
		all = append(all, page.Moments...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if len(all) != 3 || all[0].Quality == nil || all[1].Step == nil || all[2].Quality == nil {
		t.Fatalf("got %+v", all)
	}
	if q := all[0].Quality; !all[0].From.Equal(from) || q.Sent.BitRate != 5_000_000 || q.Client == nil || q.Client.InputToPresent.P95 != 30 {
		t.Errorf("got %+v", all[0])
	}
	if step := all[1].Step; step.Width != 480 || step.Cause != "path-narrow" || step.Estimate != 1_200_000 {
		t.Errorf("got %+v", step)
	}
	if all[2].Quality.Client != nil {
		t.Errorf("a client that said nothing is shown as %+v", all[2].Quality.Client)
	}
	var now struct {
		Width        int
		PictureCause string
		Quality      struct{ Sent struct{ FrameRate float64 } }
	}
	player.get("/v1/sessions/"+id.String()).into(http.StatusOK, &now)
	if now.Width != 480 || now.PictureCause != "path-narrow" || now.Quality.Sent.FrameRate != 60 {
		t.Errorf("the session is %+v", now)
	}

	s.as(t, "support1").get(path).into(http.StatusOK, &struct{}{})
	s.as(t, "player2").get(path).refused(http.StatusForbidden, "session-not-yours")
	player.get("/v1/sessions/"+events.NewSessionID().String()+"/quality").refused(http.StatusNotFound, "unknown-session")
	for _, limit := range []string{"0", "-1", "501", "x"} {
		player.get(path+"?limit="+limit).refused(http.StatusBadRequest, "parameter-invalid")
	}
	for _, cursor := range []string{"x", "%00", "AAAA", strings.Repeat("A", 12), strings.Repeat("A", 10_000)} {
		player.get(path+"?cursor="+cursor).refused(http.StatusBadRequest, "cursor-invalid")
	}
}
