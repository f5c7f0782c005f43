package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"github.com/playcast/playcast/events"
)

// causeOf is the class of an error, of the kinds of values that it is made of.
// It holds nothing of what the error says, which may be personal; the log has
// that.
func causeOf(err error) string {
	var fault *events.Fault
	var panicked middleware.RecoveredPanicError
	switch {
	case errors.As(err, &fault):
		return "fault: " + fault.Code
	case errors.As(err, &panicked):
		return fmt.Sprintf("panic: %T", panicked.V)
	case errors.Is(err, context.DeadlineExceeded):
		return "its time was up"
	}
	for _, known := range []error{events.ErrUnknownType, events.ErrNewerVersion, events.ErrMalformed} {
		if errors.Is(err, known) {
			return "unreadable: " + known.Error()
		}
	}
	return "error: " + strings.Join(kinds(err), ", ")
}

// plain are kinds that say no more than that there is an error.
var plain = []string{"*errors.errorString", "*fmt.wrapError", "*fmt.wrapErrors", "*errors.joinError", "*errors.withStack", "*errors.withMessage"}

// kinds are the types of an error and of those that it wraps, outermost first.
func kinds(err error) []string {
	var found []string
	for err != nil {
		found = append(found, fmt.Sprintf("%T", err))
		if several, is := err.(interface{ Unwrap() []error }); is {
			for _, one := range several.Unwrap() {
				found = append(found, kinds(one)...)
			}
			break
		}
		err = errors.Unwrap(err)
	}
	telling := slices.DeleteFunc(slices.Clone(found), func(kind string) bool { return slices.Contains(plain, kind) })
	if len(telling) == 0 {
		return found[:min(1, len(found))]
	}
	return slices.Compact(telling)
}
