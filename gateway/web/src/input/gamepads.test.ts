import { expect, test } from "vitest";
import { Pads, type Played } from "./gamepads";
import { InputState, padButton } from "./state";

function pad(index: number, { axes = [0, 0, 0, 0], down = [] as number[], mapping = "standard" as GamepadMappingType, left = 0 } = {}): Played {
  const buttons = Array.from({ length: 17 }, (_, i) => {
    if (i === 6) return { pressed: left > 0, value: left };
    return { pressed: down.includes(i), value: down.includes(i) ? 1 : 0 };
  });
  return { index, id: `pad ${index}`, mapping, axes, buttons };
}

function connected(state: InputState): number {
  return new DataView(state.encode()).getUint8(32);
}

test("pads keep their numbers, and free ones are taken", () => {
  const state = new InputState();
  const pads = new Pads(state);
  expect(pads.look([pad(1), pad(4)], true)).toBe("buttons");
  expect(pads.seen.played).toEqual([1, 4, undefined, undefined]);
  expect(pads.look([pad(4)], true)).toBe("buttons");
  expect(connected(state)).toBe(0b10);
  expect(pads.look([pad(0), pad(4), pad(2), pad(3), pad(9)], true)).toBe("buttons");
  expect(pads.seen.played).toEqual([0, 4, 2, 3]);
  expect(pads.look([], true)).toBe("buttons");
  expect(connected(state)).toBe(0);
});

test("only what changes is told", () => {
  const state = new InputState();
  const pads = new Pads(state);
  pads.look([pad(0)], true);
  expect(pads.look([pad(0)], true)).toBe("");
  expect(pads.look([pad(0, { axes: [-1, 0.5, 2, 0] })], true)).toBe("axes");
  expect(pads.look([pad(0, { axes: [-1, 0.5, 2, 0], down: [0, 16] })], true)).toBe("buttons");
  const view = new DataView(state.encode());
  const at = view.byteLength - 10;
  expect([0, 2, 4].map((offset) => view.getInt16(at + offset, true))).toEqual([-32_767, 16_384, 32_767]);
  expect(state.isHeld(padButton(0, 0)) && state.isHeld(padButton(0, 16))).toBe(true);
});

test("a trigger is an axis, and down from half of its way on", () => {
  const state = new InputState();
  const pads = new Pads(state);
  pads.look([pad(0, { left: 0.2 })], true);
  expect(state.isHeld(padButton(0, 6))).toBe(false);
  expect(pads.look([pad(0, { left: 1 })], true)).toBe("buttons");
  expect(state.isHeld(padButton(0, 6))).toBe(true);
  const view = new DataView(state.encode());
  expect(view.getUint8(view.byteLength - 2)).toBe(255);
});

test("a page that is left has its pads at rest", () => {
  const state = new InputState();
  const pads = new Pads(state);
  pads.look([pad(0, { axes: [1, 1, 1, 1], down: [3] })], true);
  expect(pads.look([pad(0, { axes: [1, 1, 1, 1], down: [3] })], false)).toBe("buttons");
  expect(state.holdsAny()).toBe(false);
  expect(connected(state)).toBe(1);
});

test("a pad that the browser does not know is named, and not played", () => {
  const state = new InputState();
  const pads = new Pads(state);
  expect(pads.look([pad(0, { mapping: "" })], true)).toBe("");
  expect(pads.seen.unknown).toBe("pad 0");
  expect(connected(state)).toBe(0);
});
