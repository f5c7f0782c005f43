import { expect, test } from "vitest";
import { cursorStyle, readControl } from "./control";

test.each([
  ['{"type":"replaced"}', { type: "replaced" }],
  ['{"type":"injected","seq":7,"rtp":4294967295}', { type: "injected", seq: 7, rtp: 4294967295 }],
  ['{"type":"game","answering":false}', { type: "game", answering: false }],
  ['{"type":"cursor","visible":false}', { type: "cursor", cursor: null }],
  [
    '{"type":"cursor","visible":true,"hotX":3,"hotY":2,"png":"iVBORw0="}',
    { type: "cursor", cursor: { hotX: 3, hotY: 2, png: "iVBORw0=" } },
  ],
  ['{"type":"removed"}', { type: "removed" }],
  [
    '{"type":"seat","role":"guest","keyboard":false,"pads":1}',
    { type: "seat", seat: { role: "guest", keyboard: false, pads: 1 } },
  ],
  ['{"type":"people","here":["ada"],"watching":3}', { type: "people", here: { players: ["ada"], watching: 3, recorded: false, paused: false } }],
  ['{"type":"people","here":null,"watching":1,"recorded":true,"paused":true}', { type: "people", here: { players: [], watching: 1, recorded: true, paused: true } }],
  ['{"type":"clipboard","text":"Grüße","more":true}', { type: "clipboard", text: "Grüße", more: true }],
  ['{"type":"clipboard","copied":"too-long"}', { type: "clipboard-long" }],
  ['{"type":"clipboard","taken":"refused"}', { type: "clipboard-word", taken: "refused" }],
])("%s is understood", (text, message) => {
  expect(readControl(text)).toEqual(message);
});

test.each([
  "",
  "null",
  "[]",
  "{",
  '{"type":"unheard-of"}',
  '{"type":"seat","role":"king","keyboard":true,"pads":1}',
  '{"type":"seat","role":"guest","keyboard":true,"pads":-1}',
  '{"type":"people","here":[1],"watching":0}',
  '{"type":"people","here":[],"watching":0,"recorded":"yes"}',
  '{"type":"people","here":[],"watching":0,"paused":1}',
  '{"type":"game","answering":"yes"}',
  '{"type":"injected","seq":-1,"rtp":1}',
  '{"type":"injected","seq":1,"rtp":4294967296}',
  '{"type":"cursor","visible":true,"hotX":128,"hotY":0,"png":"AA=="}',
  '{"type":"cursor","visible":true,"hotX":0,"hotY":0,"png":"x) 0 0, url(https://example.org"}',
])("%s is passed over", (text) => {
  expect(readControl(text)).toBeNull();
});

test("which players the page's gamepads are, and how one shakes", () => {
  expect(readControl('{"type":"pads","places":[2,0,1,0]}')).toEqual({ type: "pads", places: [2, 0, 1, 0] });
  expect(readControl('{"type":"pads","places":[2]}')).toBeNull();
  const rumble = { type: "rumble", pad: 3, strong: 1, weak: 0.25, ms: 4000 };
  expect(readControl(JSON.stringify(rumble))).toEqual(rumble);
  for (const wrong of [{ pad: 4 }, { strong: 2 }, { weak: -1 }, { ms: 0.5 }, { ms: "1" }]) {
    expect(readControl(JSON.stringify({ ...rumble, ...wrong }))).toBeNull();
  }
});

test("a pointer is drawn by the browser, hidden, or left as it is", () => {
  expect(cursorStyle({ hotX: 3, hotY: 2, png: "AA==" })).toBe("url(data:image/png;base64,AA==) 3 2, default");
  expect(cursorStyle(null)).toBe("none");
  expect(cursorStyle(undefined)).toBeUndefined();
});
