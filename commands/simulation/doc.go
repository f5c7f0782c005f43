// Package simulation lives through days of the platform in seconds: players,
// workers, gateways and policy runners under a virtual clock, with everything
// going wrong that can, and looks at the log for what must never be in it.
//
//	           ┌──── agenda: who does what at which virtual time ◀───┐
//	           ▼                                                     │
//	players ─▶ gateways ─▶ commands.Handler ─▶ store in memory ─▶ events
//	workers, payments, staff ──▶ │    (refuses, is overtaken)    │   │
//	runners: commands.Reactor ───┘◀──── late, twice, anew ───────┤   │
//	 one acts, the others stand by                               ├───┘ they react
//	                                     invariants ◀────────────┘
//
// The deciders, the handler, the policies and the reactor are the real ones;
// only the people, the machines, the payment provider and the clock are made up.
// Players subscribe before the first day begins, so that in a week periods end,
// bills are dunned and subscriptions are lost for them. One seed makes one
// history, byte for byte: nothing here runs at the same time as anything else,
// and each player, worker, lobby, payment and fault has chance of its own, so that
// leaving one out changes as little else as may be. That is what a failing history
// is shrunk by.
//
// A part of the platform is a file: who behaves how (an actor), and what must
// hold (an invariant). Worlds list them in newWorld and newSimulated.
package simulation
