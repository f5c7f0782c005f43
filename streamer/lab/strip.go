package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The grid that the strips lie in; the package documentation has the layout.
const (
	Columns   = 40
	Rows      = 45
	StripRows = 2
	bitCount  = StripRows * Columns
	syncBits  = 0b10110010
)

// minContrast is how far white must be above black, of 255: a strip behind
// something, or in a picture that fades, is none.
const minContrast = 48

// Reading is what a strip says.
type Reading struct {
	Frame  uint32 // number of the frame
	Inputs uint32 // presses seen when it was drawn
}

// Strip names one of the two strips by its first row in the grid.
type Strip int

// The strips.
const (
	Top    Strip = 0
	Bottom Strip = Rows - StripRows
)

// String names the strip.
func (s Strip) String() string {
	if s == Top {
		return "top"
	}
	return "bottom"
}

// Luma returns the brightness of a pixel, 0 to 255. Full and limited range
// both do.
type Luma func(x, y int) byte

// Encode returns the blocks of the reading's strip, true for white: the upper
// row, then the lower one.
func Encode(r Reading) [bitCount]bool {
	data := r.bytes()
	bytes := append([]byte{syncBits}, data[:]...)
	bytes = append(bytes, checksum(data[:]))
	var blocks [bitCount]bool
	for i := range blocks {
		blocks[i] = isWhite(bytes[i/8], i%8)
	}
	return blocks
}

// Decode reads both strips of a picture. If both are right and differ the
// error is a *TornError; if one of them can't be read it is that one's error.
func Decode(width, height int, luma Luma) (Reading, error) {
	top, err := DecodeStrip(Top, width, height, luma)
	if err != nil {
		return Reading{}, err
	}
	bottom, err := DecodeStrip(Bottom, width, height, luma)
	if err != nil {
		return Reading{}, err
	}
	if top != bottom {
		return Reading{}, &TornError{Top: top, Bottom: bottom}
	}
	return top, nil
}

// DecodeStrip reads one strip. The error wraps ErrNoStrip, ErrUnclear or
// ErrChecksum.
func DecodeStrip(s Strip, width, height int, luma Luma) (Reading, error) {
	var levels [bitCount]int
	for i := range levels {
		levels[i] = level(i%Columns, int(s)+i/Columns, width, height, luma)
	}
	var white, black int
	for i := range 8 {
		if isWhite(syncBits, i) {
			white += levels[i] / 4
		} else {
			black += levels[i] / 4
		}
	}
	if white-black < minContrast {
		return Reading{}, fmt.Errorf("%s strip: %w: white is %d, black %d", s, ErrNoStrip, white, black)
	}
	var bytes [bitCount / 8]byte
	middle, unclear := (white+black)/2, (white-black)/6
	for i, l := range levels {
		if l > middle-unclear && l < middle+unclear {
			return Reading{}, fmt.Errorf("%s strip: %w: block %d is %d between %d and %d",
				s, ErrUnclear, i, l, black, white)
		}
		if l > middle {
			bytes[i/8] |= 0x80 >> (i % 8)
		}
	}
	if bytes[0] != syncBits {
		return Reading{}, fmt.Errorf("%s strip: %w: sync is %08b", s, ErrNoStrip, bytes[0])
	}
	if want := checksum(bytes[1:9]); bytes[9] != want {
		return Reading{}, fmt.Errorf("%s strip: %w: it is %#02x, want %#02x", s, ErrChecksum, bytes[9], want)
	}
	return Reading{binary.BigEndian.Uint32(bytes[1:]), binary.BigEndian.Uint32(bytes[5:])}, nil
}

// TornError: the strips are of two frames.
type TornError struct {
	Top, Bottom Reading
}

// Error says which frames met.
func (e *TornError) Error() string {
	return fmt.Sprintf("torn picture: frame %d above, %d below", e.Top.Frame, e.Bottom.Frame)
}

// Why a strip can't be read.
var (
	ErrNoStrip  = errors.New("no strip")
	ErrUnclear  = errors.New("unclear block")
	ErrChecksum = errors.New("wrong checksum")
)

// level averages the luma at nine points of a block.
func level(column, row, width, height int, luma Luma) int {
	sum := 0
	for i := 1; i <= 3; i++ {
		for j := 1; j <= 3; j++ {
			x := width * (4*column + i) / (4 * Columns)
			y := height * (4*row + j) / (4 * Rows)
			sum += int(luma(x, y))
		}
	}
	return sum / 9
}

func isWhite(b byte, bit int) bool { return b&(0x80>>bit) != 0 }

func (r Reading) bytes() [8]byte {
	var data [8]byte
	binary.BigEndian.PutUint32(data[:], r.Frame)
	binary.BigEndian.PutUint32(data[4:], r.Inputs)
	return data
}

// checksum is CRC-8/SMBUS.
func checksum(data []byte) byte {
	var crc byte
	for _, b := range data {
		crc ^= b
		for range 8 {
			if crc&0x80 != 0 {
				crc = crc<<1 ^ 0x07
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
