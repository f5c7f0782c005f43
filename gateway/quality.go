package gateway

import (
	"net/http"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/internal/api"
	"github.com/playcast/playcast/queries"
)

// SessionQuality answers with a page of the story of a session's picture.
func (g *Gateway) SessionQuality(w http.ResponseWriter, r *http.Request, text string, params api.SessionQualityParams) {
	_, session, err := g.asked(r, text, params.Position)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	size := value(params.Limit, 100)
	if size < 1 || size > 500 {
		g.refuse(w, r, errParameter.With("A page holds 1 to 500 moments."))
		return
	}
	page, err := g.queries.SessionQuality(r.Context(), session.ID, value(params.Cursor, ""), size)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	answer := api.QualityPage{Moments: make([]api.Moment, len(page.Moments)), Next: filled(page.Next)}
	for i, m := range page.Moments {
		answer.Moments[i] = momentBody(m)
	}
	g.answer(w, r, http.StatusOK, answer)
}

func momentBody(m queries.Moment) api.Moment {
	body := api.Moment{From: m.From, To: m.To, Quality: qualityBody(m.Quality)}
	if s := m.Step; s != nil {
		body.Step = &api.PictureStep{
			Width: s.Width, Height: s.Height, FrameRate: s.FrameRate, BitRate: s.BitRate,
			Encoder: s.Encoder, Cause: string(s.Cause), Estimate: s.Estimate,
			Lost: s.Lost, RoundTripMs: s.RoundTrip, QueueMs: s.QueueDelay,
		}
	}
	return body
}

// qualityBody is nil where nothing was measured.
func qualityBody(q *events.Quality) *api.Quality {
	if q == nil {
		return nil
	}
	body := &api.Quality{
		Stages: api.Stages{
			Wait: api.Percentiles(q.Stages.Wait), Encode: api.Percentiles(q.Stages.Encode),
			Send: api.Percentiles(q.Stages.Send), Total: api.Percentiles(q.Stages.Total),
		},
		Sent: api.QualitySent{
			FrameRate: q.Sent.FrameRate, Dropped: q.Sent.Dropped, KeyFrames: q.Sent.KeyFrames, BitRate: q.Sent.BitRate,
		},
		Path: api.QualityPath{
			Lost: q.Path.Lost, Resent: q.Path.Resent, RoundTripMs: q.Path.RoundTrip, JitterMs: q.Path.Jitter,
			QueueMs: q.Path.QueueDelay, Estimate: q.Path.Estimate,
		},
	}
	if c := q.Client; c != nil {
		body.Client = &api.QualityClient{
			Reports: c.Reports, FrameRate: c.FrameRate, Dropped: c.Dropped, Freezes: c.Freezes, FreezeMs: c.FreezeTime,
			DecodeMs: c.Decode, BufferMs: c.Buffer, InputToPresent: api.Percentiles(c.InputToPresent),
		}
	}
	return body
}
