package streamer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"log/slog"

	"github.com/playcast/playcast/streamer/capture"
	"github.com/playcast/playcast/streamer/game"
)

// maxCursorText bounds what a page is told of the pointer: far over what any
// real one takes.
const maxCursorText = 32 << 10

// hiddenCursor tells a page to show no pointer: the game shows none, or the
// picture does.
const hiddenCursor = `{"type":"cursor","visible":false}`

// watchCursor keeps the audience told of how the pointer of a display looks.
// The watch ends with its Close.
func watchCursor(ctx context.Context, display *game.Display, a *audience, log *slog.Logger) (*capture.CursorWatch, error) {
	said := false
	return capture.WatchCursor(ctx, display.Name(), display.Authority(), func(c capture.Cursor) {
		text, err := cursorText(c)
		if err != nil { // the one before stays
			if !said { // a game can have as many as it likes
				log.Warn("the page was not told of a cursor", "error", err)
			}
			said = true
			return
		}
		a.point(text)
	})
}

// cursorText tells a page how the game's pointer looks.
func cursorText(c capture.Cursor) (string, error) {
	if !c.Visible {
		return hiddenCursor, nil
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, c.Image); err != nil {
		return "", fmt.Errorf("encode the cursor: %w", err)
	}
	text, err := json.Marshal(struct {
		Type    string `json:"type"`
		Visible bool   `json:"visible"`
		HotX    int    `json:"hotX"`
		HotY    int    `json:"hotY"`
		PNG     []byte `json:"png"`
	}{"cursor", true, c.HotX, c.HotY, picture.Bytes()})
	if err != nil {
		return "", fmt.Errorf("tell of the cursor: %w", err)
	}
	if len(text) > maxCursorText {
		return "", fmt.Errorf("tell of the cursor: %d bytes are more than a page is told", len(text))
	}
	return string(text), nil
}
