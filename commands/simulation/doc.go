// Package simulation lives through days of the platform in seconds: players,
// workers, gateways and policy runners under a virtual clock, with everything
// going wrong that can, and looks at the log for what must never be in it.
//
//	           ┌──── agenda: who does what at which virtual time ◀───┐
//	           ▼                                                     │
//	players, workers ─▶ commands.Handler ─▶ store in memory ─▶ events│
//	                          ▲        (refuses, is overtaken)   │   │
//	runners: commands.Reactor ┘◀─────── late, twice, anew ───────┤   │
//	                                                             ├───┘ they react
//	                                     invariants ◀────────────┘
//
// The deciders, the handler, the policies and the reactor are the real ones;
// only the people, the machines and the clock are made up. One seed makes one
// history, byte for byte: nothing here runs at the same time as anything else,
// and each player, worker and fault has chance of its own, so that leaving one
// out changes nothing else. That is what a failing history is shrunk by.
//
// A part of the platform is a file: who behaves how (an actor), and what must
// hold (an invariant). Worlds list them in newWorld.
package simulation
