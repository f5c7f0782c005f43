package window

import "image"

// role is what a window is.
type role int

const (
	first  role = iota // the game's
	second             // another one beside it
	dialog             // over one of them
)

// wish is what is known of where a window belongs. Bounds of 0 are none.
type wish struct {
	role        role
	size        image.Point // asked for
	least, most image.Point // that it can be
	full        bool        // it wants the whole screen
}

// at returns a window's place on a screen: within it, whatever was asked. A
// dialog comes over the place of another window.
func (w wish) at(screen image.Point, over image.Rectangle) image.Rectangle {
	whole := image.Rectangle{Max: screen}
	size := w.size
	switch {
	case w.full:
		return whole
	case w.role == first, w.role == second && 2*size.X >= screen.X && 2*size.Y >= screen.Y:
		size, over = screen, whole
	case w.role == second || over.Empty():
		over = whole
	}
	size = image.Pt(bound(size.X, w.least.X, w.most.X, screen.X), bound(size.Y, w.least.Y, w.most.Y, screen.Y))
	at := over.Min.Add(over.Size().Sub(size).Div(2))
	at = image.Pt(max(0, min(at.X, screen.X-size.X)), max(0, min(at.Y, screen.Y-size.Y)))
	return image.Rectangle{Min: at, Max: at.Add(size)}
}

// bound cuts a length to a window's own bounds, and to the screen above all.
func bound(length, least, most, screen int) int {
	if most > 0 {
		length = min(length, most)
	}
	return max(1, min(max(length, least), screen))
}
