// Package lab is the Latency Lab: a small game, a client of X, that measures
// the way from the player's hand to the player's eye.
//
// It draws one of some scenes over the whole display and two strips of black and
// white blocks, one at the top and one at the bottom, that a program can read
// from the video: the number of the frame, and how many key and button
// presses the game has seen. A press is drawn at once, without waiting for
// the next tick, so what the lab itself adds to the latency is the time that
// drawing takes. [Config] has other ways, and faults to plant. What it draws
// is a function of the two numbers, so that [Reference] can draw it again.
//
// # The strips
//
// Divide the picture, whatever its size is after scaling, into 40 columns and
// 45 rows. Rows 0 and 1 are the top strip, rows 43 and 44 the bottom strip. In
// a picture of 1280 by 720 a block is 32 by 16 pixels. A white block is a 1, a
// black one a 0. A strip holds 80 bits, the upper row first, each row from
// the left, each number with its most significant bit first:
//
//	row    columns  bits
//	upper  0–7      sync: 10110010
//	upper  8–39     frame: the number of the frame, 32 bits
//	lower  0–31     inputs: the count of presses, 32 bits
//	lower  32–39    check: CRC-8 of the 8 bytes of frame and inputs
//
// The CRC is CRC-8/SMBUS: polynomial 0x07, start 0, not reflected, no final
// XOR; the check value of the ASCII text 123456789 is 0xf4. Frame 1 with 2
// inputs has the check 0x6c.
//
// Both strips hold the same. A picture whose strips are each right and differ
// is torn: the upper part is of one frame, the lower of another.
//
// To read a block take the luma at nine points: the middle of the block, and
// a quarter of the block's width and height around it,
//
//	x = width · (4·column + 1, 2 or 3) / (4·40)
//	y = height · (4·row + 1, 2 or 3) / (4·45)
//
// rounded down, and average them. The four white and four black blocks of the
// sync give the two levels of the strip: if white is not at least 48 above
// black (of 255), there is no strip. Halfway between them lies the threshold;
// a block within a sixth of the way from it is not clear, and then the strip is
// not readable. See [Decode].
//
// # Counting
//
// The count starts at 0 with the game and rises by one with each key press and
// each button press. In X a notch of the wheel is a button press. Releases
// and motion don't count, nor does a held key: the lab switches its display's
// auto-repeat off. The frame number starts at 1 and rises by one each drawing.
//
// # Sound
//
// Where there is a PulseAudio, a frame that shows a press beeps: 60 ms of 880 Hz
// on both channels, at the moment at which the frame is shown, and then as soon
// as the daemon takes more, within 10 ms.
package lab
