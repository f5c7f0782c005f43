package gateway

import (
	"net/http"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/internal/api"
	"github.com/playcast/playcast/queries"
)

// errNoRecordings refuses to record where nothing is kept.
var errNoRecordings = &events.Fault{Kind: events.Conflict, Code: "recordings-off",
	Message: "Sessions can't be recorded here."}

// RecordSession has the session recorded from now on.
func (g *Gateway) RecordSession(w http.ResponseWriter, r *http.Request, id string, params api.RecordSessionParams) {
	given, err := decode[api.RecordSessionJSONRequestBody](w, r)
	if err == nil && g.tapes.kept == nil {
		err = errNoRecordings
	}
	if err != nil {
		g.refuseCaller(w, r, err)
		return
	}
	// The recording's id follows from the command's, so that asking twice records once.
	chosen := events.NewCommandID()
	if params.CommandId != nil {
		if chosen, err = events.ParseCommandID(*params.CommandId); err != nil {
			g.refuse(w, r, errParameter.With("The Command-Id is not a UUID."))
			return
		}
	}
	text := chosen.String()
	steer(g, w, r, wish{session: id, command: &text}, func(id events.SessionID, by events.PlayerID) session.Record {
		return session.Record{Session: id, By: by, Recording: events.RecordingOf(chosen.OfPlayer(by).On(events.SessionStream(id))), Consent: given.Consent}
	})
}

// StopRecording ends the recording of the session.
func (g *Gateway) StopRecording(w http.ResponseWriter, r *http.Request, id string, params api.StopRecordingParams) {
	steer(g, w, r, wish{session: id, command: params.CommandId}, func(id events.SessionID, by events.PlayerID) session.StopRecording {
		return session.StopRecording{Session: id, By: by}
	})
}

// refuseCaller refuses a request for what it says, unless it is to be refused
// for who makes it.
func (g *Gateway) refuseCaller(w http.ResponseWriter, r *http.Request, why error) {
	if _, err := g.caller(r, auth.PlaySessions); err != nil {
		why = err
	}
	g.refuse(w, r, why)
}

// recordingID reads a recording's id. What can't be an id names none.
func recordingID(text string) (events.RecordingID, error) {
	id, err := events.ParseRecordingID(text)
	if err != nil {
		return id, queries.ErrRecordingUnknown
	}
	return id, nil
}

// ListRecordings answers with a page of the caller's recordings.
func (g *Gateway) ListRecordings(w http.ResponseWriter, r *http.Request, params api.ListRecordingsParams) {
	caller, err := g.caller(r, auth.ReadOwn)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	if err := g.await(r, params.Position, queries.ViewRecording); err != nil {
		g.refuse(w, r, err)
		return
	}
	size := value(params.Limit, 20)
	if size < 1 || size > 100 {
		g.refuse(w, r, errParameter.With("A page holds 1 to 100 recordings."))
		return
	}
	page, err := g.queries.Recordings(r.Context(), caller.Player, value(params.Cursor, ""), size)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	answer := api.RecordingPage{Recordings: make([]api.Recording, len(page.Recordings)), Bytes: page.Bytes, Next: filled(page.Next)}
	if most := g.config.Recordings.KeepBytes; most > 0 {
		answer.MaxBytes = &most
	}
	titles, err := g.tapes.titles(r.Context(), caller.Player, page.Recordings...)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	for i, one := range page.Recordings {
		answer.Recordings[i] = g.recordingBody(one, titles)
	}
	g.answer(w, r, http.StatusOK, answer)
}

// Recording answers with one recording.
func (g *Gateway) Recording(w http.ResponseWriter, r *http.Request, text string, params api.RecordingParams) {
	found, err := g.watched(r, text, g.bounds.requests, params.Position)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	titles, err := g.tapes.titles(r.Context(), found.Player, found)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.answer(w, r, http.StatusOK, g.recordingBody(found, titles))
}

// watched returns the recording that a request is about, if its caller may see
// it: their own, or any where their role says so; as it is once its view has
// passed a position.
func (g *Gateway) watched(r *http.Request, text string, limit *limits[events.PlayerID], at *api.AtPosition) (queries.Recording, error) {
	caller, err := g.verifier.VerifyRequest(r)
	if err != nil {
		return queries.Recording{}, err
	}
	if err := limit.take(caller.Player); err != nil {
		return queries.Recording{}, err
	}
	if err := caller.Require(auth.ReadOwn); err != nil {
		return queries.Recording{}, err
	}
	id, err := recordingID(text)
	if err != nil {
		return queries.Recording{}, err
	}
	if err := g.await(r, at, queries.ViewRecording); err != nil {
		return queries.Recording{}, err
	}
	found, err := g.queries.Recording(r.Context(), id)
	if err == nil && found.Player != caller.Player && !caller.May(auth.WatchRecording) {
		err = recording.ErrNotYours
	}
	return found, err
}

// DeleteRecording deletes a recording of the caller's.
func (g *Gateway) DeleteRecording(w http.ResponseWriter, r *http.Request, text string, params api.DeleteRecordingParams) {
	caller, origin, id, err := g.recordingWish(r, text, params.CommandId)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	done, err := g.commands.Do(r.Context(), commands.Issue(recording.Delete{
		Recording: id, By: caller.Player, Reason: events.DeletedByPlayer,
	}, origin))
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.answer(w, r, http.StatusOK, api.RecordingAccepted{Recording: id.String(), Position: formatted(done.Position)})
}

// CutClip cuts a clip of a recording of the caller's.
func (g *Gateway) CutClip(w http.ResponseWriter, r *http.Request, text string, params api.CutClipParams) {
	caller, origin, id, err := g.recordingWish(r, text, params.CommandId)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	wish, err := decode[api.CutClipJSONRequestBody](w, r)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	title, err := g.tapes.seal(r.Context(), caller.Player, wish.Title)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	clip := events.ClipOf(origin.ID)
	done, err := g.commands.Do(r.Context(), commands.Issue(recording.Cut{
		Recording: id, Clip: clip, By: caller.Player, Title: title, From: wish.FromMs, To: wish.ToMs,
	}, origin))
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.answer(w, r, http.StatusCreated, api.CutClip{Clip: clip.String(), Position: formatted(done.Position)})
}

// recordingWish is what every command on a recording begins with; whose it is,
// the command itself decides.
func (g *Gateway) recordingWish(r *http.Request, text string, command *string) (auth.Identity, commands.Origin, events.RecordingID, error) {
	caller, err := g.caller(r, auth.PlaySessions)
	if err != nil {
		return caller, commands.Origin{}, events.RecordingID{}, err
	}
	id, err := recordingID(text)
	if err != nil {
		return caller, commands.Origin{}, id, err
	}
	origin, err := originOn(events.RecordingStream(id), caller.Player, command)
	origin.Correlation = id.String()
	return caller, origin, id, err
}

func (g *Gateway) recordingBody(found queries.Recording, titles map[events.ClipID]string) api.Recording {
	body := api.Recording{
		Id: found.ID.String(), Session: found.Session.String(), Game: string(found.Game), Title: found.Title, Player: string(found.Player),
		State: api.RecordingState(found.State), StartedAt: found.StartedAt, LengthMs: found.Length.Milliseconds(), Bytes: found.Bytes,
		Clips: make([]api.Clip, len(found.Clips)), Position: formatted(found.Position),
	}
	for i, c := range found.Clips {
		body.Clips[i] = api.Clip{Id: c.ID.String(), Title: titles[c.ID], FromMs: c.From, ToMs: c.To, CutAt: c.CutAt}
	}
	if end := found.End; end != nil {
		body.EndedAt, body.EndReason, body.Fault = &end.At, filled(string(end.Reason)), filled(string(end.Fault))
		body.Codec = filled(end.Codec)
		if end.Width > 0 {
			body.Width, body.Height = &end.Width, &end.Height
		}
		if age := g.config.Recordings.KeepAge; age > 0 {
			body.KeptUntil = pointer(end.At.Add(age))
		}
	}
	return body
}
