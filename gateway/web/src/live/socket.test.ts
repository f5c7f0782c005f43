import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../api/client";
import { LiveSocket, type Wire } from "./socket";

class FakeWire implements Wire {
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  readonly sent: unknown[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }
  close(): void {
    this.closed = true;
  }
  hear(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  }
  lose(code: number): void {
    this.onclose?.({ code } as CloseEvent);
  }
  /** Opens, and lets the gateway welcome the client. */
  async welcome(): Promise<void> {
    this.onopen?.({} as Event);
    await vi.advanceTimersByTimeAsync(0);
    this.hear({ type: "welcome" });
  }
}

let wires: FakeWire[];
let token: string;
let live: LiveSocket;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  wires = [];
  token = "t1";
  live = new LiveSocket({
    open: () => {
      const wire = new FakeWire();
      wires.push(wire);
      return wire;
    },
    tokens: { token: () => Promise.resolve(token) },
    device: "d1",
    random: () => 0,
  });
});
afterEach(() => vi.useRealTimers());

function wire(n = 0): FakeWire {
  const found = wires[n];
  if (!found) throw new Error(`there is no socket ${n}`);
  return found;
}

function push(position: string, key = "s1"): object {
  return { type: "state", view: "session", key, position, state: { id: key, position } };
}

test("the token goes first, then the watches", async () => {
  live.watch("s1", () => undefined);
  live.watch("s2", () => undefined);
  await wire().welcome();
  expect(wire().sent).toEqual([
    { type: "hello", token: "t1", device: "d1" },
    { type: "watch", view: "session", key: "s1" },
    { type: "watch", view: "session", key: "s2" },
  ]);
  expect(live.feeds("s1")).toBe(false);
  wire().hear(push("1"));
  expect(live.feeds("s1")).toBe(true);
});

test("a session whose watch is refused is not fed", async () => {
  const told: boolean[] = [];
  live.onFeed(() => told.push(live.feeds("s1")));
  live.watch("s1", () => undefined);
  await wire().welcome();
  wire().hear(push("1"));
  wire().hear({ type: "error", key: "s1", code: "store-unavailable", title: "Later." });
  expect(told).toEqual([true, false]);
});

test("states arrive in order, and an old one is left out", async () => {
  const seen: string[] = [];
  live.watch("s1", (state: Session) => seen.push(state.position));
  await wire().welcome();
  for (const position of ["9", "10", "9", "11"]) wire().hear(push(position));
  wire().hear(push("12", "another"));
  expect(seen).toEqual(["9", "10", "11"]);
});

test("a lost socket comes back and watches again", async () => {
  const seen: string[] = [];
  live.watch("s1", (state: Session) => seen.push(state.position));
  await wire().welcome();
  wire().hear(push("5"));
  wire().lose(3008);
  expect(live.feeds("s1")).toBe(false);
  await vi.advanceTimersByTimeAsync(250);
  token = "t2";
  await wire(1).welcome();
  wire(1).hear(push("5"));
  expect(wire(1).sent).toEqual([
    { type: "hello", token: "t2", device: "d1" },
    { type: "watch", view: "session", key: "s1" },
  ]);
  expect(seen).toEqual(["5", "5"]);
});

test("attempts grow apart, and a welcome resets them", async () => {
  live.watch("s1", () => undefined);
  for (const [n, wait] of [250, 500, 1_000].entries()) {
    wire(n).lose(1006);
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(wires.length).toBe(n + 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(wires.length).toBe(n + 2);
  }
  await wire(3).welcome();
  wire(3).lose(1006);
  await vi.advanceTimersByTimeAsync(250);
  expect(wires.length).toBe(5);
});

test("a final close is final", async () => {
  live.watch("s1", () => undefined);
  await wire().welcome();
  wire().lose(3500);
  await vi.advanceTimersByTimeAsync(60_000);
  live.watch("s2", () => undefined);
  expect(wires.length).toBe(1);
});

test("a renewed token is told in-band", async () => {
  live.watch("s1", () => undefined);
  await wire().welcome();
  token = "t2";
  await live.renew();
  expect(wire().sent.at(-1)).toEqual({ type: "hello", token: "t2", device: "d1" });
  wire().hear({ type: "welcome" });
  expect(wire().sent.length).toBe(3);
});

test("the last unwatch closes the socket", async () => {
  const unwatch = live.watch("s1", () => undefined);
  await wire().welcome();
  unwatch();
  expect(wire().sent.at(-1)).toEqual({ type: "unwatch", view: "session", key: "s1" });
  expect(wire().closed).toBe(true);
  wire().lose(1000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wires.length).toBe(1);
});

test("what is no message is ignored", async () => {
  live.watch("s1", () => undefined);
  await wire().welcome();
  for (const data of ["", "[]", "null", '{"type":"state"}', '{"type":"news"}', new ArrayBuffer(1)]) {
    wire().onmessage?.({ data } as MessageEvent);
  }
  wire().hear(push("1"));
  expect(live.feeds("s1")).toBe(true);
});
