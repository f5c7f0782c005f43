package events

import "time"

// PictureAdapted: from now on the session's picture is sent in another shape or
// by another encoder. It holds what that was decided on.
type PictureAdapted struct {
	Session    SessionID    `json:"session"`
	Width      int          `json:"width"`
	Height     int          `json:"height"`
	FrameRate  int          `json:"frameRate"`
	BitRate    int          `json:"bitRate"` // bits a second
	Encoder    string       `json:"encoder"`
	Cause      PictureCause `json:"cause"`
	Estimate   int          `json:"estimate"`   // of what the path carries, bits a second
	Lost       float64      `json:"lost"`       // share of packets, 0 to 1
	RoundTrip  float64      `json:"roundTrip"`  // milliseconds
	QueueDelay float64      `json:"queueDelay"` // milliseconds
	At         time.Time    `json:"at"`
}

// PictureCause says why a picture was adapted.
type PictureCause string

// The causes.
const (
	PicturePathNarrow    PictureCause = "path-narrow"    // the path carries less than the shape before needs
	PicturePathWide      PictureCause = "path-wide"      // the path carries a better one
	PictureEncoderSlow   PictureCause = "encoder-slow"   // the encoder did not keep up with the frame rate
	PictureEncoderFast   PictureCause = "encoder-fast"   // the encoder has time for a better one
	PictureEncoderFailed PictureCause = "encoder-failed" // another encoder goes on
	PictureOtherCodec    PictureCause = "other-codec"    // the page takes another codec than the one that was sent
)

func (PictureAdapted) EventType() string { return "PictureAdapted" }

func (PictureAdapted) event() {}
