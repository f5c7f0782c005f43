package events

import "time"

// WorkerRegistered: a worker process has started and offers slots, all free.
type WorkerRegistered struct {
	Worker WorkerID `json:"worker"`
	// Incarnation tells this process of the worker from earlier ones.
	Incarnation string    `json:"incarnation"`
	Slots       int       `json:"slots"`
	Encoders    []string  `json:"encoders"` // in order of preference
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
func (WorkerLost) EventType() string       { return "WorkerLost" }
func (WorkerStopped) EventType() string    { return "WorkerStopped" }
func (SlotReserved) EventType() string     { return "SlotReserved" }
func (SlotReleased) EventType() string     { return "SlotReleased" }

func (WorkerRegistered) event() {}
func (WorkerLost) event()       {}
func (WorkerStopped) event()    {}
func (SlotReserved) event()     {}
func (SlotReleased) event()     {}
