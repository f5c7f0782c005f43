package audio

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/audio/audiotest"
)

// TestVoice speaks into a microphone, with packets lost, late and doubled, and
// listens to it as a game does.
func TestVoice(t *testing.T) {
	server, _ := audiotest.Daemon(t)
	heard := audiotest.Microphone(t, server, "microphone")
	voice, err := OpenVoice(server)
	if err != nil {
		t.Fatal(err)
	}
	defer voice.Close()
	const frequency = 500
	packets := audiotest.Speak(t, 150, frequency)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	var samples []int16
	for n, packet := range packets {
		<-ticker.C
		sequence := uint16(math.MaxUint16 - 50 + n) // it wraps around
		switch {
		case n%20 == 7: // lost
		case n%20 == 12: // late, and twice
			push(t, voice, sequence, packet)
			push(t, voice, sequence-1, packets[n-1])
			push(t, voice, sequence, packet)
		default:
			push(t, voice, sequence, packet)
		}
		for more := true; more; {
			select {
			case some := <-heard:
				samples = append(samples, some...)
			default:
				more = false
			}
		}
	}
	tones := tonesOf(samples, frequency)
	if len(tones) < 100 {
		t.Fatalf("%d times 10 ms of a voice were heard, want a second of three at least", len(tones))
	}
	// A busy machine breaks it here and there.
	if middle := tones[len(tones)/2]; middle < 0.9 {
		t.Errorf("%.2f of what was heard is the tone that was spoken, at the median", middle)
	}
	if err := voice.Push(uint16(math.MaxUint16-50+len(packets)), []byte{}); !errors.Is(err, ErrNotOpus) {
		t.Errorf("an empty packet: %v", err)
	}
}

func push(t *testing.T, v *Voice, sequence uint16, packet []byte) {
	t.Helper()
	if err := v.Push(sequence, packet); err != nil {
		t.Fatal(err)
	}
}

// tonesOf is how much of each 10 ms is a tone, in order of size, leaving silence
// out.
func tonesOf(samples []int16, frequency float64) []float64 {
	var tones []float64
	for part := range slices.Chunk(samples, FrameSamples) {
		if audiotest.Loudness(part) < audiotest.Played/4 {
			continue
		}
		both := make([]int16, 0, 2*len(part))
		for _, sample := range part {
			both = append(both, sample, 0)
		}
		tones = append(tones, audiotest.Tone(both, 0, frequency))
	}
	slices.Sort(tones)
	return tones
}

// FuzzVoice decodes whatever a client may send.
func FuzzVoice(f *testing.F) {
	for _, packet := range audiotest.Speak(f, 2, 440) {
		f.Add(uint16(1), packet)
	}
	f.Add(uint16(9), []byte{0xff, 0xff})
	f.Fuzz(func(t *testing.T, sequence uint16, packet []byte) {
		decoder, err := openDecoder()
		if err != nil {
			t.Fatal(err)
		}
		v := &Voice{decoder: decoder}
		defer decoder.close()
		for n := range uint16(3) {
			if err := v.Push(n*sequence, packet); err != nil && !errors.Is(err, ErrNotOpus) {
				t.Fatal(err)
			}
		}
		if len(v.queue) > samplesOf(voiceMost) {
			t.Fatalf("%d samples wait", len(v.queue))
		}
	})
}
