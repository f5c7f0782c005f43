package gateway

import (
	"github.com/playcast/playcast/gateway/internal/api"
	"github.com/playcast/playcast/queries"
)

func sessionBody(s queries.Session) api.Session {
	body := api.Session{
		Id: s.ID.String(), Game: string(s.Game), Title: s.Title, Player: string(s.Player),
		State: api.SessionState(s.State), RequestedAt: s.RequestedAt,
		ActiveSince: s.ActiveSince, EndedAt: s.EndedAt,
		EndReason: filled(s.EndReason), FailureCause: filled(s.FailureCause),
		PlayedMs: s.Played.Milliseconds(), BilledMs: s.Billed.Milliseconds(),
		Quality:  qualityBody(s.Quality),
		Position: formatted(s.Position),
	}
	if !s.Recording.IsZero() {
		body.Recording = pointer(s.Recording.String())
	}
	if s.SavesTrouble != "" {
		body.SavesTrouble = pointer(api.SessionSavesTrouble(s.SavesTrouble))
	}
	if s.Place > 0 {
		body.QueuePlace = &s.Place
	}
	if p := s.Picture; p != nil {
		body.Width, body.Height, body.FrameRate, body.Encoder = &p.Width, &p.Height, &p.FrameRate, &p.Encoder
		body.PictureCause = filled(string(p.Cause))
	}
	return body
}

func gameBody(game queries.Game) api.Game {
	body := api.Game{
		Id: string(game.ID), Title: game.Title, Description: game.Description, Genre: game.Genre, Art: game.Art,
		Width: game.Width, Height: game.Height, FrameRate: game.FrameRate,
		Inputs: make([]api.GameInputs, len(game.Inputs)), Players: game.Players,
		Available: game.Reason == "", Reason: filled(game.Reason),
	}
	for i, input := range game.Inputs {
		body.Inputs[i] = api.GameInputs(input)
	}
	return body
}

func pointer[T any](value T) *T { return &value }

// filled leaves an empty string out of a body.
func filled(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// value is what a parameter says, or else what it means when it is not given.
func value[T any](given *T, otherwise T) T {
	if given == nil {
		return otherwise
	}
	return *given
}
