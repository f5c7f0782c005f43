import type { Session, SessionState } from "./client";

/** Over: nothing can happen to the session any more. */
export function isOver(state: SessionState): boolean {
  return state === "ended" || state === "failed";
}

/** Settled: over, and all of its time is on the account. */
export function isSettled({ state, billedMs, playedMs }: Session): boolean {
  return isOver(state) && billedMs >= playedMs;
}

/** Live: the session holds a place, or waits for one, and can be gone back to. */
export function isLive(state: SessionState): boolean {
  return !isOver(state) && state !== "ending";
}

/** Connectable: the worker takes a peer. */
export function isConnectable(state: SessionState): boolean {
  return state === "ready" || state === "active" || state === "paused" || state === "interrupted";
}

/**
 * The later of two states of one session, by their places in the log. What is
 * billed grows without the session's own place moving, and never shrinks.
 */
export function newest(known: Session | undefined, arrived: Session): Session {
  if (!known || known.id !== arrived.id) return arrived;
  const [before, after] = [BigInt(known.position), BigInt(arrived.position)];
  if (before !== after) return after > before ? arrived : known;
  return arrived.billedMs >= known.billedMs ? arrived : known;
}

export type SessionVerb = "pause" | "resume" | "end";

const after: Record<SessionVerb, SessionState> = { pause: "paused", resume: "active", end: "ending" };

/** A session after an order that was accepted and whose effect can't be read yet: what is read later is newer. */
export function ordered(known: Session, verb: SessionVerb, position: string): Session {
  return newest(known, { ...known, state: after[verb], position });
}
