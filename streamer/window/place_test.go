package window

import (
	"encoding/binary"
	"image"
	"testing"
)

func TestPlaces(t *testing.T) {
	screen, none := image.Pt(1280, 720), image.Rectangle{}
	pt := image.Pt
	for _, c := range []struct {
		name string
		wish wish
		over image.Rectangle
		want image.Rectangle
	}{
		{"a game", wish{size: pt(640, 480)}, none, image.Rect(0, 0, 1280, 720)},
		{"a game that can't grow", wish{size: pt(640, 480), least: pt(640, 480), most: pt(640, 480)}, none, image.Rect(320, 120, 960, 600)},
		{"a game that grows to some size", wish{size: pt(640, 480), most: pt(800, 600)}, none, image.Rect(240, 60, 1040, 660)},
		{"a game that is too large", wish{size: pt(1920, 1080), least: pt(1920, 1080), most: pt(1920, 1080)}, none, image.Rect(0, 0, 1280, 720)},
		{"full screen", wish{size: pt(640, 480), most: pt(640, 480), full: true}, none, image.Rect(0, 0, 1280, 720)},
		{"a large second window", wish{role: second, size: pt(640, 360)}, none, image.Rect(0, 0, 1280, 720)},
		{"a small second window", wish{role: second, size: pt(400, 200)}, none, image.Rect(440, 260, 840, 460)},
		{"a dialog", wish{role: dialog, size: pt(200, 100)}, image.Rect(0, 0, 400, 300), image.Rect(100, 100, 300, 200)},
		{"a dialog at the edge", wish{role: dialog, size: pt(400, 300)}, image.Rect(1200, 700, 1280, 720), image.Rect(880, 420, 1280, 720)},
		{"a dialog of nobody", wish{role: dialog, size: pt(200, 100)}, none, image.Rect(540, 310, 740, 410)},
		{"nothing", wish{role: dialog}, none, image.Rect(639, 359, 640, 360)},
	} {
		if got := c.wish.at(screen, c.over); got != c.want {
			t.Errorf("%s is at %v, want %v", c.name, got, c.want)
		}
	}
}

// FuzzPlace wants every window to be on the screen, whatever it tells.
func FuzzPlace(f *testing.F) {
	f.Add([]byte{}, 10, 10, uint8(0), false)
	f.Add(make([]byte, 4*maxHints), -1, 70_000, uint8(1), true)
	f.Fuzz(func(t *testing.T, data []byte, w, h int, kind uint8, full bool) {
		var hints []uint32
		for ; len(data) >= 4; data = data[4:] {
			hints = append(hints, binary.LittleEndian.Uint32(data))
		}
		wish := wish{role: role(kind % 3), size: image.Pt(w, h), full: full}
		wish.least, wish.most = sizeHints(hints)
		inputHint(hints)
		screen := image.Rect(0, 0, 1280, 720)
		if got := wish.at(screen.Max, image.Rect(w, h, w/2, h/2)); got.Empty() || !got.In(screen) {
			t.Errorf("%+v is at %v", wish, got)
		}
	})
}
