package feed

import (
	"log/slog"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
)

// Insist is the middleware of handlers that may skip nothing: a message is
// handled again until that succeeds, and none before. What holds the handler up
// is logged once, not at each attempt, by the handler's name in the router. The
// message's context ends the wait, with an error.
func Insist(patience Patience, figures *Figures, log *slog.Logger) message.HandlerMiddleware {
	return func(next message.HandlerFunc) message.HandlerFunc {
		next = middleware.Recoverer(next)
		return func(msg *message.Message) ([]*message.Message, error) {
			handler := message.HandlerNameFromCtx(msg.Context())
			log := log.With("handler", handler)
			said := ""
			for n := 1; ; n++ {
				produced, err := next(msg)
				if err == nil {
					if said != "" {
						log.Info("the handler goes on", "attempts", n)
					}
					return produced, nil
				}
				figures.failed(handler)
				if cause := causeOf(err); cause != said && (n > 1 || hopeless(err)) && msg.Context().Err() == nil {
					if said == "" {
						defer figures.holdUp(handler)()
					}
					said = cause
					log.Error("an event holds up its handler, which skips none", "event", where(msg), "error", err)
				}
				if err := patience.rest(msg.Context(), n); err != nil {
					return nil, err
				}
			}
		}
	}
}

// where is the place of a message's event in the log, for people.
func where(msg *message.Message) slog.Value {
	return slog.GroupValue(
		slog.String("type", msg.Metadata.Get(keyType)), slog.String("stream", msg.Metadata.Get(keyStream)),
		slog.String("revision", msg.Metadata.Get(keyRevision)), slog.String("position", msg.Metadata.Get(keyPosition)),
	)
}
