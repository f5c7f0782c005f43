package streamer

import (
	"errors"
	"slices"

	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/transport"
)

// common chooses what a session's picture is made with: the first of what the
// worker makes, the codec that it wants most first, whose codec all who are shown
// the picture take. It is encoded once, however many they are.
func common(made []encode.Support, takes [][]transport.Codec) (encode.Support, bool) {
	for _, one := range made {
		refuses := func(takes []transport.Codec) bool { return !slices.Contains(takes, sentAs(one.Codec)) }
		if !slices.ContainsFunc(takes, refuses) {
			return one, true
		}
	}
	return encode.Support{}, false
}

// errNoCodec is the end of a picture whose encoders have failed: a page that is
// shown it and takes another codec is sent that.
var errNoCodec = errors.New("nothing is left to encode with that the page takes")

// sentAs is how frames of a codec are sent.
func sentAs(c encode.Codec) transport.Codec {
	switch c {
	case encode.H265:
		return transport.H265
	case encode.AV1:
		return transport.AV1
	}
	return transport.H264
}

// codecs are those that the picture can be made in, the most wanted first.
func (e *encoding) codecs() []transport.Codec {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]transport.Codec, len(e.made))
	for i, one := range e.made {
		all[i] = sentAs(one.Codec)
	}
	return all
}

// suit has the pictures from the next one on made in a codec that all take who
// are shown them.
func (e *encoding) suit(takes ...[]transport.Codec) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.takes = takes
}

// canSuit says whether there is a codec that all take.
func (e *encoding) canSuit(takes ...[]transport.Codec) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ok := common(e.made, takes)
	return ok
}

// giveUp is for a codec of which no encoder works any more.
func (e *encoding) giveUp(c encode.Codec) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.made = slices.DeleteFunc(slices.Clone(e.made), func(one encode.Support) bool { return one.Codec == c })
}
