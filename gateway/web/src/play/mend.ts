import { isRefusal } from "../api/problem";

/** The worker gives a silent peer up after 10 s; until then its game can be had back by a new path. */
const mendFor = 10_000;
/** How long a new path may take to be found before another is asked for. */
const findWithin = 1_500;
/** While the gateway can't be asked, it is tried this often. */
const askEvery = 300;

/** A connection as it can be mended. */
export interface Mendable {
  /** Asks the worker for a new ICE session; throws when it can't be asked, or refuses. */
  restart(signal: AbortSignal): Promise<void>;
  isUp(): boolean;
  /** Calls when isUp may say something else, until the signal. */
  watch(look: () => void, signal: AbortSignal): void;
}

/**
 * Brings a connection whose path is in doubt back over a new path, so that game,
 * picture and channels go on. Answers whether that was possible: false when the
 * worker has given the peer up, or nothing helped for as long as it waits.
 */
export async function mend(connection: Mendable, signal: AbortSignal): Promise<boolean> {
  const until = performance.now() + mendFor;
  while (!signal.aborted && performance.now() < until) {
    if (connection.isUp()) return true;
    let wait = findWithin;
    try {
      await connection.restart(AbortSignal.any([signal, AbortSignal.timeout(findWithin)]));
    } catch (error) {
      if (signal.aborted) break;
      if (isRefusal(error)) return false;
      wait = askEvery;
    }
    await settled(connection, wait, signal);
  }
  return connection.isUp();
}

/** Waits until the connection is up, but no longer than `most` milliseconds; a network that is back ends the wait too. */
function settled(connection: Mendable, most: number, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  return new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, most);
    done.signal.addEventListener("abort", () => clearTimeout(timer));
    const look = () => connection.isUp() && resolve();
    connection.watch(look, done.signal);
    globalThis.addEventListener?.("online", () => resolve(), { signal: done.signal });
    signal.addEventListener("abort", () => resolve(), { signal: done.signal });
    look();
  }).finally(() => done.abort());
}
