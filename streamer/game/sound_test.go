package game

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/jfreymuth/pulse"

	"github.com/playcast/playcast/events"
)

func TestSoundIsTheSessionsOwn(t *testing.T) {
	l := newLauncher(t, Config{})
	session := events.NewSessionID()
	sound := startSound(t, l, session)
	client, err := pulse.NewClient(pulse.ClientServerString(sound.Server()))
	if err != nil {
		t.Fatal(err)
	}
	sinks, err := client.ListSinks()
	if err != nil || len(sinks) != 2 || sinks[0].ID() != soundSink || sinks[1].ID() != "voice" {
		t.Errorf("sinks: %v, %v; want the game's and the microphone's alone", sinks, err)
	}
	source, err := client.DefaultSource()
	if err != nil || source.ID() != soundSource {
		t.Errorf("what a game records from is %v, %v; want the microphone", source, err)
	}
	client.Close()
	if _, err := l.StartSound(t.Context(), session); err == nil || !strings.Contains(err.Error(), "has a sound already") {
		t.Errorf("second sound: %v", err)
	}
	if other := startSound(t, l, events.NewSessionID()); other.Server() == sound.Server() {
		t.Error("two sessions share a sound")
	}
	if err := sound.Close(); err != nil {
		t.Error(err)
	}
	awaitDone(t, sound.Done())
	if client, err := pulse.NewClient(pulse.ClientServerString(sound.Server())); err == nil {
		client.Close()
		t.Error("it is still there after Close")
	}
}

func TestSoundDies(t *testing.T) {
	l := newLauncher(t, Config{})
	sound := startSound(t, l, events.NewSessionID())
	sound.child.cmd.Process.Signal(syscall.SIGKILL)
	awaitDone(t, sound.Done())
	if err := sound.Close(); err != nil {
		t.Error(err)
	}
}

func TestSoundIsGivenUp(t *testing.T) {
	l := newLauncher(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.StartSound(ctx, events.NewSessionID()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestGamesHearOfTheSound(t *testing.T) {
	launch := Launch{Display: &Display{name: ":7"}}
	if env := launch.environment(places{sound: "unix:/run/native"}); !slices.Contains(env, "SDL_AUDIODRIVER=dummy") {
		t.Errorf("without sound: %v", env)
	}
	launch.Sound = &Sound{}
	env := launch.environment(places{sound: "unix:/run/native"})
	for _, want := range []string{"SDL_AUDIODRIVER=pulseaudio", "PULSE_SERVER=unix:/run/native"} {
		if !slices.Contains(env, want) {
			t.Errorf("with sound: %v, want %s", env, want)
		}
	}
}

func startSound(t *testing.T, l *Launcher, session events.SessionID) *Sound {
	t.Helper()
	s, err := l.StartSound(t.Context(), session)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
