// Package player is a player without a browser: it signs in at the
// development issuer as the page does, asks for a session, and connects to its
// picture by WHEP. It knows a playcast by its public interfaces alone.
//
//	SignIn ─▶ Account ── Request, Await ─▶ session ── Connect ─▶ Connection
//
// # What happens to a packet
//
// One goroutine of a connection takes packets, stamps them, puts access units
// together in the order of their sequence numbers, and asks for a key frame
// where a hole was not filled in time; a second one decodes. Handlers.Unit is
// called by the first, Handlers.Frame by the second, each in order, and what
// they are given is theirs until they return. A slow Frame delays later frames
// but not the stamps of later packets, until the queue between the two is full.
//
// Decoding is libavcodec's, on one thread and without a delay of its own; the
// build tag nolibav leaves it out.
package player

import "time"

// Unit is one access unit: a coded picture.
type Unit struct {
	RTP         uint32    // the RTP timestamp
	Key         bool      // it is an IDR picture
	Data        []byte    // Annex B
	First, Last time.Time // when its packets arrived
}

// Picture is a decoded picture, 4:2:0. Rows are Stride, or ChromaStride, bytes
// apart.
type Picture struct {
	Width, Height        int
	Y, U, V              []byte
	Stride, ChromaStride int
}

// Luma returns the brightness of a pixel.
func (p *Picture) Luma(x, y int) byte { return p.Y[y*p.Stride+x] }

// Frame is a picture that has been decoded.
type Frame struct {
	Unit
	Picture
	Decoded time.Time // when decoding ended
}

// Counts are totals of a connection.
type Counts struct {
	Packets, Bytes int64 // of video that arrived, RTP payload, repeated ones too
	Sound          int64 // packets of sound that arrived
	Units          int64 // put together
	Abandoned      int64 // holes that were not filled in time
	Skipped        int64 // units left out: damaged, or waiting for a key frame, or the decoder was behind
	Refused        int64 // units that the decoder could make no picture of
	KeyRequests    int64 // picture loss indications sent
}
