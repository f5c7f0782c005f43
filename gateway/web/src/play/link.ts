import { isRefusal, wordsOf } from "../api/problem";
import { backoff } from "../live/backoff";
import type { Peer } from "./peer";

/** Where the connection to the picture is. */
export type Link =
  | { status: "off" }
  | { status: "connecting"; again: boolean }
  | { status: "connected"; peer: Peer }
  | { status: "waiting"; retryAt: number; why: string }
  | { status: "replaced" }
  | { status: "removed" }
  | { status: "refused"; why: string };

export interface LinkConfig {
  connect: (signal: AbortSignal) => Promise<Peer>;
  report: (link: Link) => void;
  random?: () => number;
}

/** Never wait longer than this between attempts: the game goes on meanwhile. */
const longestWait = 2_000;
/** A refusal that names this is about the moment: the worker is not ready yet. */
const momentary = new Set(["session-not-ready", "session-not-running"]);

/**
 * Keeps a session connected until the signal: connects, waits for the loss,
 * waits a little, connects again. Ends by itself when the gateway refuses or
 * when another page took the session over, or the seat was taken.
 */
export async function keepLinked(config: LinkConfig, signal: AbortSignal): Promise<void> {
  let again = false;
  for (let attempt = 0; !signal.aborted; attempt++) {
    config.report({ status: "connecting", again });
    let why = "The connection was lost.";
    try {
      const peer = await config.connect(signal);
      attempt = 0;
      again = true;
      const end = await stay(peer, config, signal);
      if (end === "replaced" || end === "removed") {
        config.report({ status: end });
        return;
      }
    } catch (error) {
      if (signal.aborted) return;
      why = wordsOf(error);
      if (isRefusal(error) && !momentary.has((error as { code?: string }).code ?? "")) {
        config.report({ status: "refused", why });
        return;
      }
    }
    if (signal.aborted) return;
    const wait = backoff(attempt, config.random, longestWait);
    config.report({ status: "waiting", retryAt: Date.now() + wait, why });
    await pause(wait, signal);
  }
}

async function stay(peer: Peer, config: LinkConfig, signal: AbortSignal) {
  const leave = () => peer.leave();
  if (signal.aborted) leave();
  else config.report({ status: "connected", peer });
  signal.addEventListener("abort", leave);
  const end = await peer.ended;
  signal.removeEventListener("abort", leave);
  return end;
}

/** Waits; ends early, without an error, at the signal, and when the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  return new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    done.signal.addEventListener("abort", () => clearTimeout(timer));
    signal.addEventListener("abort", () => resolve(), { signal: done.signal });
    globalThis.addEventListener?.("online", () => resolve(), { signal: done.signal });
  }).finally(() => done.abort());
}
