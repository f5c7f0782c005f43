package capture

import "image"

// sprite is a cursor in the colours and the scale of the pictures that it is
// drawn into. Pixels are premultiplied, so that they can be averaged.
type sprite struct {
	size, hot image.Point
	pixels    []spritePixel
}

type spritePixel struct{ y, cb, cr, alpha uint8 }

// newSprite scales an image of the screen to pictures of it of another size.
func newSprite(c Cursor, screen, picture image.Point) sprite {
	if !c.Visible {
		return sprite{}
	}
	from := c.Image.Rect.Max
	s := sprite{
		size: image.Pt(max(from.X*picture.X/screen.X, 1), max(from.Y*picture.Y/screen.Y, 1)),
		hot:  image.Pt(c.HotX*picture.X/screen.X, c.HotY*picture.Y/screen.Y),
	}
	across, down := newFilter(from.X, s.size.X, oneDown), newFilter(from.Y, s.size.Y, oneDown)
	for y := range s.size.Y {
		for x := range s.size.X {
			var sum [4]int // red, green, blue, alpha: premultiplied, times oneDown twice
			for v := range down.taps {
				for u := range across.taps {
					at := image.Pt(int(across.start[x])+u, int(down.start[y])+v)
					weight := across.at(x, u) * down.at(y, v)
					if weight == 0 {
						continue // what is beyond the edge, too
					}
					pixel := c.Image.Pix[c.Image.PixOffset(at.X, at.Y):]
					alpha := int(pixel[3])
					for i := range 3 {
						sum[i] += weight * int(pixel[i]) * alpha / 255
					}
					sum[3] += weight * alpha
				}
			}
			s.pixels = append(s.pixels, newSpritePixel(sum))
		}
	}
	return s
}

// newSpritePixel converts as convert.c does, with the offsets in proportion to
// alpha.
func newSpritePixel(sum [4]int) spritePixel {
	const one = oneDown * oneDown
	r, g, b, alpha := sum[0]/(one/256), sum[1]/(one/256), sum[2]/(one/256), sum[3]/(one/256) // times 256
	return spritePixel{
		y:     uint8((47*r + 157*g + 16*b + 16*256*alpha/255 + 1<<15) >> 16),
		cb:    uint8((112*b - 86*g - 26*r + 128*256*alpha/255 + 1<<15) >> 16),
		cr:    uint8((112*r - 102*g - 10*b + 128*256*alpha/255 + 1<<15) >> 16),
		alpha: uint8((alpha + 128) / 256),
	}
}

// draw blends the sprite in, with its hot spot at a place of the picture.
func (s *sprite) draw(dst *image.YCbCr, at image.Point) {
	corner := at.Sub(s.hot)
	area := image.Rectangle{corner, corner.Add(s.size)}.Intersect(dst.Rect)
	if area.Empty() {
		return
	}
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := s.pixels[(y-corner.Y)*s.size.X:]
		for x := area.Min.X; x < area.Max.X; x++ {
			over, under := row[x-corner.X], &dst.Y[dst.YOffset(x, y)]
			*under = mixed(int(over.y), int(over.alpha), *under)
		}
	}
	for y := area.Min.Y &^ 1; y < area.Max.Y; y += 2 {
		for x := area.Min.X &^ 1; x < area.Max.X; x += 2 {
			var cb, cr, alpha int
			for i := range 4 { // those outside are transparent
				if p := image.Pt(x+i%2, y+i/2).Sub(corner); p.In(image.Rectangle{Max: s.size}) {
					over := s.pixels[p.Y*s.size.X+p.X]
					cb, cr, alpha = cb+int(over.cb), cr+int(over.cr), alpha+int(over.alpha)
				}
			}
			under := dst.COffset(x, y)
			dst.Cb[under] = mixed((cb+2)/4, (alpha+2)/4, dst.Cb[under])
			dst.Cr[under] = mixed((cr+2)/4, (alpha+2)/4, dst.Cr[under])
		}
	}
}

// mixed is a premultiplied value over another.
func mixed(over, alpha int, under byte) byte {
	return byte(min(over+(int(under)*(255-alpha)+127)/255, 255))
}
