package transport

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/pion/rtp/codecs"
)

// obu is an open bitstream unit with its size.
func obu(kind byte, payload []byte) []byte {
	return append(binary.AppendUvarint([]byte{kind<<3 | 0b10}, uint64(len(payload))), payload...)
}

func TestPicturesOfOtherCodecs(t *testing.T) {
	delimiter, sequence, still := obu(2, nil), obu(obuSequence, []byte{1, 2, 3}), obu(obuFrame, bytes.Repeat([]byte{7}, 300))
	for name, tc := range map[string]struct {
		codec      Codec
		unit       []byte
		found, key bool
	}{
		"AV1 key":                {AV1, bytes.Join([][]byte{delimiter, sequence, still}, nil), true, true},
		"AV1 delta":              {AV1, bytes.Join([][]byte{delimiter, still}, nil), true, false},
		"AV1 without a frame":    {AV1, bytes.Join([][]byte{delimiter, sequence}, nil), false, false},
		"AV1 cut short":          {AV1, bytes.Join([][]byte{delimiter, sequence, still}, nil)[:5], false, false},
		"AV1 extension cut off":  {AV1, []byte{obuSequence<<3 | 0b110}, false, false},
		"H.265 key":              {H265, []byte{0, 0, 1, 32 << 1, 1, 5, 0, 0, 1, 19 << 1, 1, 7}, true, true},
		"H.265 delta":            {H265, []byte{0, 0, 1, 1 << 1, 1, 7}, true, false},
		"H.265 only parameters":  {H265, []byte{0, 0, 1, 32 << 1, 1, 5}, false, false},
		"H.264 is no AV1":        {AV1, keyUnit(100), false, false},
		"nothing":                {AV1, nil, false, false},
		"H.264 of its own codec": {H264, keyUnit(100), true, true},
	} {
		if found, key := tc.codec.picture(tc.unit); found != tc.found || key != tc.key {
			t.Errorf("%s: %v, %v", name, found, key)
		}
	}
}

func FuzzPictureAV1(f *testing.F) {
	f.Add(append(obu(obuSequence, []byte{1}), obu(obuFrame, []byte{2})...))
	f.Fuzz(func(t *testing.T, unit []byte) { pictureAV1(unit) })
}

func TestH265IsPutTogetherAgain(t *testing.T) {
	unit := append([]byte{0, 0, 0, 1}, append([]byte{19 << 1, 1}, bytes.Repeat([]byte{9}, 5000)...)...)
	depacketizer, got, ended := &codecs.H265Depacketizer{}, []byte(nil), false
	must(t, H265.splitter().split(unit, func(payload []byte, last bool) error {
		data, err := depacketizer.Unmarshal(payload)
		got, ended = append(got, data...), last
		return err
	}))
	if !bytes.Equal(got, unit) || !ended {
		t.Errorf("%d bytes went in, %d came out", len(unit), len(got))
	}
}

func TestAnOfferWithoutTheCodecs(t *testing.T) {
	s := newServer(t, Config{})
	_, _, err := s.Offer(context.Background(), newPlayer(t, playerOptions{}).offer(t), Handlers{}, AV1, H265)
	if !errors.Is(err, ErrNoCodec) || !strings.Contains(err.Error(), "AV1 of profile 0, or H265") {
		t.Errorf("got %v", err)
	}
}
