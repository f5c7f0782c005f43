// Package commands is the write side: what may happen, decided by pure
// functions, and appended.
//
//	Order ──▶ Handler.Do: what is known, or read ─▶ evolve ─▶ decide ─▶ append
//	                            ▲                                        │
//	                            └──────── conflict: read on ◀────────────┘
//
// An aggregate is a package with a State, its Evolve, and one file a command.
// A policy is a fold of events that says which orders are due; the Reactor runs
// it. Nothing in an aggregate or a policy reads a clock, does I/O or logs.
//
// Ordering. The events of one command are appended together, after exactly the
// events that the decision was made on.
package commands
