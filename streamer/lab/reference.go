package lab

// Reference draws again what the lab has drawn, to compare with what came of
// it. One goroutine uses it.
type Reference struct{ painter *painter }

// NewReference draws a scene in a size.
func NewReference(scene Scene, width, height int) (*Reference, error) {
	p, err := newPainter(scene, newCanvas(width, height))
	if err != nil {
		return nil, err
	}
	return &Reference{p}, nil
}

// Pixels returns a frame as 0x00RRGGBB, row by row, with no pointer in it. They
// are good until the next call.
func (r *Reference) Pixels(of Reading) []uint32 {
	r.painter.draw(of, nil)
	return r.painter.pixels
}

// Luma draws a frame's luma as video has it, BT.709 in limited range (16 to
// 235), row by row into luma, which holds a byte a pixel.
func (r *Reference) Luma(of Reading, luma []byte) {
	// The weights 0.2126, 0.7152 and 0.0722 times 219/255, of 65536.
	for i, p := range r.Pixels(of) {
		luma[i] = byte((16<<16 + 1<<15 + 11966*(p>>16&0xff) + 40255*(p>>8&0xff) + 4064*(p&0xff)) >> 16)
	}
}
