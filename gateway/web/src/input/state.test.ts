import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { keyCodes } from "./keys";
import { InputState, padButton, type PadAxes } from "./state";

interface Change {
  Code: number;
  Pressed: boolean;
}

interface Golden {
  name: string;
  hex: string;
  message: {
    Mode: number;
    Sequence: number;
    X: number;
    Y: number;
    DX: number;
    DY: number;
    WheelX: number;
    WheelY: number;
    Changes: number;
    Held: number[] | null;
    Recent: Change[] | null;
    Pads?: { Connected: boolean; Axes: PadAxes["axes"]; Triggers: PadAxes["triggers"] }[];
  };
}

// The streamer's own test data: both sides of the channel are held to it.
function shared<T>(name: string): T {
  const path = new URL(`../../../../streamer/input/testdata/${name}`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

function hex(message: ArrayBuffer): string {
  return Buffer.from(message).toString("hex");
}

/** Brings a state to where the golden message was sent from. */
function replay({ message }: Golden): InputState {
  const state = new InputState();
  state.mode = message.Mode === 1 ? "relative" : "absolute";
  state.place(message.X / 65_535, message.Y / 65_535);
  state.move(message.DX, message.DY);
  state.turn(message.WheelX, message.WheelY);
  message.Pads?.forEach(({ Connected, Axes, Triggers }, i) => {
    state.setPad(i, Connected ? { axes: Axes, triggers: Triggers } : undefined);
  });
  const recent = message.Recent ?? [];
  const known = new Set(message.Held ?? []);
  for (const change of recent) if (!change.Pressed) known.add(change.Code);
  // Changes before those that the message holds: whatever is released first was
  // pressed before, and the rest are taps of a key that is seen no more.
  const before = [...known].filter((code) => recent.find((c) => c.Code === code)?.Pressed !== true);
  for (const code of before) state.press(code);
  for (let left = message.Changes - recent.length - before.length; left > 0; left -= 2) {
    state.press(15);
    state.release(15);
  }
  for (const { Code, Pressed } of recent) {
    if (Pressed) state.press(Code);
    else state.release(Code);
  }
  return state;
}

const goldens = shared<Golden[]>("messages.json").filter(({ message }) => message.Sequence < 1e6);

test.each(goldens.map((golden) => [golden.name, golden] as const))("encodes: %s", (_, golden) => {
  const state = replay(golden);
  for (let i = 1; i < golden.message.Sequence; i++) state.encode();
  expect(hex(state.encode())).toBe(golden.hex);
});

test("the keys are the streamer's", () => {
  expect(keyCodes).toEqual(shared("keys.json"));
});

test("a repeated press is no change", () => {
  const state = new InputState();
  expect(state.press(30)).toBe(true);
  expect(state.press(30)).toBe(false);
  expect(state.release(30)).toBe(true);
  expect(state.release(30)).toBe(false);
});

test("more keys than a message holds are not pressed", () => {
  const state = new InputState();
  for (let code = 1; code <= 120; code++) state.press(code);
  expect(new DataView(state.encode()).getUint8(30)).toBe(100);
  expect(state.isHeld(101)).toBe(false);
});

test("releaseKeys leaves no key held and tells each release", () => {
  const state = new InputState();
  state.press(17);
  state.press(272);
  expect(state.releaseKeys()).toBe(true);
  expect(state.releaseKeys()).toBe(false);
  const view = new DataView(state.encode());
  expect(view.getUint32(26, true)).toBe(4);
  expect(view.getUint8(30)).toBe(0);
  expect([37, 39].map((at) => view.getUint16(at, true))).toEqual([17, 272]);
});

test("a pad that is taken away holds nothing any more", () => {
  const state = new InputState();
  const pad: PadAxes = { axes: [1, 2, 3, 4], triggers: [5, 6] };
  expect(state.setPad(1, pad)).toBe(true);
  expect(state.setPad(1, { ...pad })).toBe(false);
  state.press(30);
  state.press(padButton(1, 16));
  expect(state.releaseKeys()).toBe(true);
  expect(state.isHeld(padButton(1, 16))).toBe(true);
  expect(state.setPad(1, undefined)).toBe(true);
  expect(state.holdsAny()).toBe(false);
  const view = new DataView(state.encode());
  expect([view.byteLength, view.getUint8(30), view.getUint8(32)]).toEqual([33 + 8, 0, 0]);
  expect(view.getUint16(39, true)).toBe(padButton(1, 16));
});

test("motion below a pixel adds up", () => {
  const state = new InputState();
  for (let i = 0; i < 10; i++) state.move(0.5, -0.25);
  const view = new DataView(state.encode());
  expect([view.getInt32(10, true), view.getInt32(14, true)]).toEqual([5, -2]);
});

test("a place outside of the picture is its edge", () => {
  const state = new InputState();
  state.place(-1, 2);
  const view = new DataView(state.encode());
  expect([view.getUint16(6, true), view.getUint16(8, true)]).toEqual([0, 65_535]);
});
