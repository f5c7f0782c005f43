package events

import (
	"encoding/json"
	"time"
)

// WorkerRegistered: a worker process has started and offers slots, all free.
type WorkerRegistered struct {
	Worker WorkerID `json:"worker"`
	// Incarnation tells this process of the worker from earlier ones, and from
	// itself before it was lost.
	Incarnation string `json:"incarnation"`
	// Address is where it hears signalling (host:port); empty: only the gateway
	// of its own process reaches it.
	Address  string    `json:"address"`
	Slots    int       `json:"slots"`
	Encoders []string  `json:"encoders"` // in order of preference
	Games    []GameID  `json:"games"`    // that it can play; nil: any
	Region   string    `json:"region"`   // empty: none is named
	GPU      string    `json:"gpu"`      // empty: it has none
	At       time.Time `json:"at"`
}

// WorkerDraining: the worker gets no more sessions, and finishes those that it
// has.
type WorkerDraining struct {
	Worker      WorkerID  `json:"worker"`
	Incarnation string    `json:"incarnation"`
	At          time.Time `json:"at"`
}

// WorkerResumed: the worker gets sessions again.
type WorkerResumed struct {
	Worker      WorkerID  `json:"worker"`
	Incarnation string    `json:"incarnation"`
	At          time.Time `json:"at"`
}

// WorkerLost: a worker process is gone without a farewell, and with it the
// sessions that it held. Their slots are free.
type WorkerLost struct {
	Worker      WorkerID    `json:"worker"`
	Incarnation string      `json:"incarnation"`
	Sessions    []SessionID `json:"sessions"`
	At          time.Time   `json:"at"`
}

// WorkerStopped: a worker process has ended in good order. Its slots are gone.
type WorkerStopped struct {
	Worker      WorkerID  `json:"worker"`
	Incarnation string    `json:"incarnation"`
	At          time.Time `json:"at"`
}

// SlotReserved: a session has a slot on the worker.
type SlotReserved struct {
	Worker  WorkerID  `json:"worker"`
	Slot    int       `json:"slot"` // from 0
	Session SessionID `json:"session"`
	At      time.Time `json:"at"`
}

// SlotReleased: the session's slot is free again.
type SlotReleased struct {
	Worker  WorkerID  `json:"worker"`
	Slot    int       `json:"slot"`
	Session SessionID `json:"session"`
	At      time.Time `json:"at"`
}

func (WorkerRegistered) EventType() string { return "WorkerRegistered" }
func (WorkerDraining) EventType() string   { return "WorkerDraining" }
func (WorkerResumed) EventType() string    { return "WorkerResumed" }
func (WorkerLost) EventType() string       { return "WorkerLost" }
func (WorkerStopped) EventType() string    { return "WorkerStopped" }
func (SlotReserved) EventType() string     { return "SlotReserved" }
func (SlotReleased) EventType() string     { return "SlotReleased" }

func (WorkerRegistered) event() {}
func (WorkerDraining) event()   {}
func (WorkerResumed) event()    {}
func (WorkerLost) event()       {}
func (WorkerStopped) event()    {}
func (SlotReserved) event()     {}
func (SlotReleased) event()     {}

// upcastRegistered1 takes WorkerRegistered from version 1 to 2: no worker had an
// address, and each was taken to play any game.
func upcastRegistered1(data json.RawMessage) (json.RawMessage, error) {
	var old struct {
		Worker      WorkerID  `json:"worker"`
		Incarnation string    `json:"incarnation"`
		Slots       int       `json:"slots"`
		Encoders    []string  `json:"encoders"`
		At          time.Time `json:"at"`
	}
	if err := unmarshalExactly(data, &old); err != nil {
		return nil, err
	}
	return json.Marshal(registered2{Worker: old.Worker, Incarnation: old.Incarnation, Slots: old.Slots, Encoders: old.Encoders, At: old.At})
}

// registered2 is the second version of WorkerRegistered.
type registered2 struct {
	Worker      WorkerID  `json:"worker"`
	Incarnation string    `json:"incarnation"`
	Address     string    `json:"address"`
	Slots       int       `json:"slots"`
	Encoders    []string  `json:"encoders"`
	Games       []GameID  `json:"games"`
	At          time.Time `json:"at"`
}

// upcastRegistered2 takes WorkerRegistered from version 2 to 3: no worker named
// a region or a GPU.
func upcastRegistered2(data json.RawMessage) (json.RawMessage, error) {
	var old registered2
	if err := unmarshalExactly(data, &old); err != nil {
		return nil, err
	}
	return json.Marshal(WorkerRegistered{
		Worker: old.Worker, Incarnation: old.Incarnation, Address: old.Address,
		Slots: old.Slots, Encoders: old.Encoders, Games: old.Games, At: old.At,
	})
}
