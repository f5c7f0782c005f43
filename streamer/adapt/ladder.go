package adapt

// Source is the picture as the game draws it: the best there can be.
type Source struct{ Width, Height, FrameRate int }

// Rung is a shape in which the picture can be sent. Width and height are even.
type Rung struct{ Width, Height, FrameRate int }

func (r Rung) pixelRate() int { return r.Width * r.Height * r.FrameRate }

// tier is a rung with what it costs, in bit/s.
type tier struct {
	Rung
	need    int // below it the picture looks worse than the next rung's
	ceiling int // above it more bits can hardly be seen
}

const (
	// maxTiers bounds a ladder; the longest there is now has 10, and extended 12.
	maxTiers = 12
	// ceilingOverNeed: 1080p60 needs 8 Mb/s and is as good as it gets at 20.
	ceilingOverNeed = 2.5
	// Small pictures may cost this much, and large ones no more than that.
	minCeiling, maxCeiling = 2_000_000, 50_000_000
	// slowest is the frame rate below which none is halved.
	slowest = 45
	// keepRate is the height to which resolution is given up before the frame
	// rate is.
	keepRate = 720
)

// standard is what pictures of 16:9 need, measured for games at 60 frames a
// second, and at 30 for the smallest: larger pictures need less for a pixel.
var standard = [...]struct{ width, height, frameRate, need int }{
	{3840, 2160, 60, 25_000_000},
	{2560, 1440, 60, 13_000_000},
	{1920, 1080, 60, 8_000_000},
	{1600, 900, 60, 6_000_000},
	{1280, 720, 60, 4_000_000},
	{960, 540, 30, 1_000_000},
}

// ladderOf returns the rungs for a source, best first. The first is the source
// itself; the others keep its proportions.
func ladderOf(source Source) []tier {
	top := Rung{even(source.Width), even(source.Height), max(source.FrameRate, 1)}
	ladder := append(make([]tier, 0, maxTiers), priced(top))
	halve := func(r Rung) Rung {
		for r.FrameRate >= slowest && len(ladder) < maxTiers {
			r.FrameRate /= 2
			ladder = append(ladder, priced(r))
		}
		return r
	}
	last := top
	for _, s := range standard {
		if s.height >= top.Height {
			continue
		}
		if s.height < keepRate {
			last = halve(last)
		}
		last = Rung{even(top.Width * s.height / top.Height), s.height, last.FrameRate}
		ladder = append(ladder, priced(last))
	}
	halve(last)
	return ladder
}

// leastHeight is down to where the picture goes for who only watches.
const leastHeight = 360

// extended has a ladder go further down than it does for who plays: to a smaller
// picture, and to half of its frame rate.
func extended(ladder []tier) []tier {
	last := ladder[len(ladder)-1].Rung
	if last.Height > leastHeight {
		last.Width, last.Height = even(last.Width*leastHeight/last.Height), leastHeight
		ladder = append(ladder, priced(last))
	}
	if last.FrameRate /= 2; last.FrameRate > 0 {
		ladder = append(ladder, priced(last))
	}
	return ladder
}

func even(n int) int { return max(n, 2) &^ 1 }

// priced says what a rung costs: what the standard picture that is no smaller
// needs, by the pixel.
func priced(r Rung) tier {
	nearest := standard[0]
	for _, s := range standard {
		if s.height >= r.Height {
			nearest = s
		}
	}
	perPixel := float64(nearest.need) / float64(nearest.width*nearest.height*nearest.frameRate)
	need := int(perPixel * float64(r.pixelRate()))
	ceiling := min(max(int(ceilingOverNeed*float64(need)), minCeiling), maxCeiling)
	return tier{Rung: r, need: min(need, ceiling), ceiling: ceiling}
}
