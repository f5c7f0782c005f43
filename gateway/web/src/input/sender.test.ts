import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { InputSender, type InputChannel } from "./sender";
import { InputState } from "./state";

class Channel implements InputChannel {
  readyState: RTCDataChannelState = "open";
  bufferedAmount = 0;
  readonly sent: { at: number; message: DataView }[] = [];
  send(message: ArrayBuffer): void {
    this.sent.push({ at: performance.now(), message: new DataView(message) });
  }
}

let channel: Channel;
let state: InputState;
let sender: InputSender;
let told: [number, number][];

beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ["setTimeout", "clearTimeout", "performance"] });
  channel = new Channel();
  state = new InputState();
  told = [];
  sender = new InputSender(channel, state, (...message) => told.push(message));
});

afterEach(() => vi.useRealTimers());

function times(): number[] {
  return channel.sent.map(({ at }) => at);
}

test("a tap is sent at once and repaired three times", () => {
  state.press(30);
  sender.changed();
  state.release(30);
  sender.changed();
  vi.advanceTimersByTime(5_000);
  expect(times()).toEqual([0, 0, 20, 60, 180]);
  expect(channel.sent.map(({ message }) => message.getUint32(2, true))).toEqual([1, 2, 3, 4, 5]);
  expect(told).toEqual([
    [1, 0],
    [2, 0],
    [3, 20],
    [4, 60],
    [5, 180],
  ]);
});

test("a held key is told every half second until it is released", () => {
  state.press(30);
  sender.changed();
  vi.advanceTimersByTime(1_300);
  expect(times()).toEqual([0, 20, 60, 180, 680, 1_180]);
  state.release(30);
  sender.changed();
  vi.advanceTimersByTime(5_000);
  expect(times().slice(6)).toEqual([1_300, 1_320, 1_360, 1_480]);
});

test("a storm of motion is thinned out, and its sum arrives", () => {
  for (let i = 0; i < 100; i++) {
    state.move(1, 0);
    sender.moved();
  }
  vi.advanceTimersByTime(motionSettles);
  expect(channel.sent.length).toBe(2);
  expect(channel.sent.at(-1)?.message.getInt32(10, true)).toBe(100);
});

test("motion waits while the channel is full, a key does not", () => {
  channel.bufferedAmount = 1;
  state.move(1, 0);
  sender.moved();
  expect(channel.sent.length).toBe(0);
  state.press(30);
  sender.changed();
  expect(channel.sent.length).toBe(1);
});

test("a closed channel takes nothing, and stop ends the repairs", () => {
  channel.readyState = "closed";
  state.press(30);
  sender.changed();
  vi.advanceTimersByTime(1_000);
  expect(channel.sent.length).toBe(0);
  channel.readyState = "open";
  sender.stop();
  vi.advanceTimersByTime(5_000);
  expect(channel.sent.length).toBe(0);
});

const motionSettles = 10;
