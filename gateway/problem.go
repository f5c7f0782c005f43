package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/internal/api"
)

// What the gateway itself refuses.
var (
	errNoRoute = &events.Fault{Kind: events.NotFound, Code: "no-such-address",
		Message: "There is nothing at this address."}
	errMethod = &events.Fault{Kind: events.Invalid, Code: "method-not-allowed",
		Message: "This address takes other methods; the Allow header names them."}
	errOtherSite = &events.Fault{Kind: events.Forbidden, Code: "other-site",
		Message: "This request comes from a page of another site. Use the page of this one."}
	errUpgrade = &events.Fault{Kind: events.Invalid, Code: "not-a-websocket",
		Message: "This address is for WebSocket connections only."}
	errTooMany = &events.Fault{Kind: events.TooMany, Code: "too-many-requests",
		Message: "These are too many requests in a short time. Wait a moment and try again."}
	errClosing = &events.Fault{Kind: events.Unavailable, Code: "shutting-down",
		Message: "playcast is being shut down. Come back in a moment."}
	errBody = &events.Fault{Kind: events.Invalid, Code: "body-invalid",
		Message: "The body of the request is not what is asked for here."}
	errCutShort = &events.Fault{Kind: events.Invalid, Code: "body-cut-short",
		Message: "The body of the request did not arrive whole, or not in time. Send it again."}
	errTooLarge = &events.Fault{Kind: events.TooLarge, Code: "body-too-large",
		Message: "The body of the request is too large."}
	errParameter = &events.Fault{Kind: events.Invalid, Code: "parameter-invalid",
		Message: "A parameter of the request is not valid."}
	errMediaType = &events.Fault{Kind: events.Invalid, Code: "media-type-invalid",
		Message: "The request's Content-Type is not the one asked for here."}
	errNoTag = &events.Fault{Kind: events.Invalid, Code: "if-match-missing",
		Message: "If-Match has to name the ICE session: its ETag, or * to begin a new one."}
	errTag = &events.Fault{Kind: events.Outdated, Code: "if-match-invalid",
		Message: "If-Match is not an ETag of this connection."}
	errStore = &events.Fault{Kind: events.Unavailable, Code: "store-unavailable",
		Message: "Nothing can be recorded at the moment. Try again; the same Command-Id makes that safe."}
	errInternal = &events.Fault{Kind: 0, Code: "internal",
		Message: "Something went wrong here. It has been logged."}
)

// status maps a fault to an HTTP status, here and nowhere else.
func status(f *events.Fault) int {
	switch f.Code {
	case errMethod.Code:
		return http.StatusMethodNotAllowed
	case errMediaType.Code:
		return http.StatusUnsupportedMediaType
	case errNoTag.Code:
		return http.StatusPreconditionRequired
	}
	switch f.Kind {
	case events.Invalid:
		return http.StatusBadRequest
	case events.Unauthorized:
		return http.StatusUnauthorized
	case events.Forbidden:
		return http.StatusForbidden
	case events.NotFound:
		return http.StatusNotFound
	case events.Conflict:
		return http.StatusConflict
	case events.TooLarge:
		return http.StatusRequestEntityTooLarge
	case events.TooMany:
		return http.StatusTooManyRequests
	case events.Unavailable:
		return http.StatusServiceUnavailable
	case events.Outdated:
		return http.StatusPreconditionFailed
	default:
		return http.StatusInternalServerError
	}
}

// fault finds the fault in an error. What is none is not for the outside.
func fault(err error) *events.Fault {
	var f *events.Fault
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, events.ErrUnavailable), errors.Is(err, events.ErrStoreClosed):
		return errStore
	default:
		return errInternal
	}
}

// badParameter names the parameter that the generated code refused. How that
// tells it is for programmers.
func badParameter(err error) error {
	var format *api.InvalidParamFormatError
	if errors.As(err, &format) {
		return errParameter.With(fmt.Sprintf("The parameter %q is not of the form asked for here.", format.ParamName))
	}
	return errParameter.With(err.Error())
}

// refuse answers with a problem body (RFC 9457). It is the edge: what is not
// the caller's doing is logged here.
func (g *Gateway) refuse(w http.ResponseWriter, r *http.Request, err error) {
	f := fault(err)
	code := status(f)
	if code >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		level := slog.LevelError
		switch {
		case away(err):
			level = slog.LevelDebug // which is said once, by who noticed
		case f.Kind == events.Unavailable:
			level = slog.LevelWarn // it passes, or the caller asked for what never was
		}
		g.log.Log(r.Context(), level, "a request failed", "method", r.Method, "path", r.URL.Path, "code", f.Code, "error", err)
	}
	h := w.Header()
	var early *throttled
	switch {
	case f.Kind == events.Unauthorized:
		h.Set("WWW-Authenticate", auth.Challenge(err))
	case errors.As(err, &early):
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(early.wait.Seconds()))))
	case f.Kind == events.Unavailable:
		h.Set("Retry-After", "1")
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	problem := api.Problem{Type: "about:blank", Title: f.Message, Status: code, Code: f.Code}
	g.encode(w, r, problem)
}

// answer sends a body as JSON.
func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	g.encode(w, r, body)
}

// encode writes JSON after the header. A caller who has gone away is no error.
func (g *Gateway) encode(w http.ResponseWriter, r *http.Request, body any) {
	if err := json.NewEncoder(w).Encode(body); err != nil && r.Context().Err() == nil {
		g.log.Warn("an answer was cut short", "path", r.URL.Path, "error", err)
	}
}
