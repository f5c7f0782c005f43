import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProblemError } from "../api/problem";
import { keepLinked, type Link } from "./link";
import type { Peer, PeerEnd } from "./peer";

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => vi.useRealTimers());

function fakePeer(): { peer: Peer; end: (why: PeerEnd) => void } {
  let end: (why: PeerEnd) => void = () => undefined;
  const ended = new Promise<PeerEnd>((resolve) => (end = resolve));
  return { peer: { ended, leave: () => end("left") } as Peer, end };
}

function linked(connect: () => Promise<Peer>) {
  const links: Link[] = [];
  const stop = new AbortController();
  const done = keepLinked(
    { connect, report: (link) => links.push(link), random: () => 0 },
    stop.signal,
  );
  return { statuses: () => links.map(({ status }) => status), links, stop, done };
}

test("a lost connection is made again", async () => {
  const first = fakePeer();
  const second = fakePeer();
  const peers = [first.peer, second.peer];
  const run = linked(() => Promise.resolve(peers.shift() as Peer));
  await vi.advanceTimersByTimeAsync(0);
  first.end("lost");
  await vi.advanceTimersByTimeAsync(250);
  expect(run.statuses()).toEqual(["connecting", "connected", "waiting", "connecting", "connected"]);
  run.stop.abort();
  await run.done;
  expect(await second.peer.ended).toBe("left");
});

test("attempts grow apart while nothing answers", async () => {
  const times: number[] = [];
  const run = linked(() => {
    times.push(Date.now());
    return Promise.reject(new TypeError("no network"));
  });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(times).toEqual([0, 250, 750, 1_750, 2_750, 3_750, 4_750]);
  run.stop.abort();
  await run.done;
});

test("a refusal is final and keeps its words", async () => {
  const run = linked(() => Promise.reject(new ProblemError(409, "session-over", "It is over.")));
  await run.done;
  expect(run.links.at(-1)).toEqual({ status: "refused", why: "It is over." });
});

test("a page that another one replaced does not fight for the session", async () => {
  const only = fakePeer();
  const run = linked(() => Promise.resolve(only.peer));
  await vi.advanceTimersByTimeAsync(0);
  only.end("replaced");
  await run.done;
  expect(run.statuses()).toEqual(["connecting", "connected", "replaced"]);
});
