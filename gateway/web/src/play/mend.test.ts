import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProblemError } from "../api/problem";
import { mend, type Mendable } from "./mend";

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => vi.useRealTimers());

const life = new AbortController().signal;

function broken(restart: () => Promise<void>): Mendable & { rise: () => void } {
  let up = false;
  let look: () => void = () => undefined;
  return {
    restart,
    isUp: () => up,
    watch: (call) => (look = call),
    rise: () => {
      up = true;
      look();
    },
  };
}

test("a new path brings the connection back", async () => {
  const connection = broken(() => Promise.resolve());
  const mended = mend(connection, life);
  await vi.advanceTimersByTimeAsync(700);
  connection.rise();
  expect(await mended).toBe(true);
});

test("it asks again while the gateway can't be asked, and not for ever", async () => {
  const asked: number[] = [];
  const connection = broken(() => {
    asked.push(performance.now());
    return Promise.reject(new TypeError("no network"));
  });
  const mended = mend(connection, life);
  await vi.advanceTimersByTimeAsync(10_500);
  expect(await mended).toBe(false);
  expect(asked.length).toBeGreaterThan(20);
});

test("a worker that has given the peer up is not asked again", async () => {
  const restart = vi.fn(() => Promise.reject(new ProblemError(404, "unknown-peer", "It has ended.")));
  expect(await mend(broken(restart), life)).toBe(false);
  expect(restart).toHaveBeenCalledOnce();
});

test("it ends with the connection", async () => {
  const stop = new AbortController();
  const mended = mend(broken(() => Promise.resolve()), stop.signal);
  await vi.advanceTimersByTimeAsync(100);
  stop.abort();
  expect(await mended).toBe(false);
});
