package events

import (
	"fmt"

	"github.com/google/uuid"
)

// RecordingID names one recording of a session. It is also the name of the
// folder that holds its media.
type RecordingID uuid.UUID

// ParseRecordingID reads the canonical text form; anything else is an error.
func ParseRecordingID(text string) (RecordingID, error) {
	id, err := parseUUID(text)
	if err != nil {
		return RecordingID{}, fmt.Errorf("recording id %q: %w", text, err)
	}
	return RecordingID(id), nil
}

func (id RecordingID) String() string               { return uuid.UUID(id).String() }
func (id RecordingID) IsZero() bool                 { return id == RecordingID{} }
func (id RecordingID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *RecordingID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// ClipID names one clip of a recording.
type ClipID uuid.UUID

// ParseClipID reads the canonical text form; anything else is an error.
func ParseClipID(text string) (ClipID, error) {
	id, err := parseUUID(text)
	if err != nil {
		return ClipID{}, fmt.Errorf("clip id %q: %w", text, err)
	}
	return ClipID(id), nil
}

func (id ClipID) String() string               { return uuid.UUID(id).String() }
func (id ClipID) IsZero() bool                 { return id == ClipID{} }
func (id ClipID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *ClipID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// RecordingStream is the stream of one recording.
func RecordingStream(id RecordingID) Stream { return Stream("recording-" + id.String()) }

// RecordingOf returns the id of the recording that a command begins (UUIDv5),
// so that the command asked twice begins one recording.
func RecordingOf(command CommandID) RecordingID {
	return RecordingID(uuid.NewSHA1(uuid.UUID(command), []byte("recording")))
}

// ClipOf returns the id of the clip that a command cuts (UUIDv5), so that the
// command asked twice cuts one clip.
func ClipOf(command CommandID) ClipID {
	return ClipID(uuid.NewSHA1(uuid.UUID(command), []byte("clip")))
}
