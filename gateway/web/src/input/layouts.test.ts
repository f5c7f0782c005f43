import { expect, test } from "vitest";
import { detectLayout, layouts, nameOf } from "./layouts";

/** What a browser tells of a keyboard, in the order of the signatures. */
function keysOf(unshifted: string): Map<string, string> {
  const codes =
    "Backquote Digit1 Digit2 Minus Equal KeyQ KeyW KeyY BracketLeft BracketRight KeyA Semicolon Quote Backslash IntlBackslash KeyZ KeyM Comma Slash KeyS";
  const keys = [...unshifted];
  return new Map(codes.split(" ").map((code, i) => [code, keys[i] ?? ""]));
}

test("every signature tells of each key, and every name is one", () => {
  for (const each of layouts) {
    expect([...each.signature].length, each.title).toBe(20);
    expect(nameOf(each)).toMatch(/^[a-z]+(\/[a-z]+)?$/);
  }
  expect(new Set(layouts.map(nameOf)).size).toBe(layouts.length);
});

test.each([
  ["a German keyboard, whatever is spoken", "^12ß´qwzü+aöä#<ym,-s", ["en-US", "en"], "de"],
  ["an Austrian one", "^12ß´qwzü+aöä#<ym,-s", ["de-AT", "de"], "at"],
  ["a French one", "²&é)=azy^$qmù*<w,;!s", ["en-US"], "fr"],
  ["a US one in Germany", "`12-=qwy[]a;'\\\\zm,/s", ["de-DE", "de"], "us"],
  ["a US one in Poland", "`12-=qwy[]a;'\\\\zm,/s", ["pl-PL", "pl"], "pl"],
  ["a British one", "`12-=qwy[]a;'#\\zm,/s", ["en-US"], "gb"],
  ["Dvorak", "`12[]',f/=as-\\<;mwzo", ["en-US"], "us/dvorak"],
  ["a Russian one", "ё12-=йцнхъфжэ\\/яьб.ы", ["en-US"], "ru"],
])("%s is known by its keys", (_, keys, languages, name) => {
  expect(nameOf(detectLayout(keysOf(keys), languages))).toBe(name);
});

test.each([
  [["de-DE", "de", "en"], "de"],
  [["en-GB", "en"], "gb"],
  [["en-US"], "us"],
  [["fr-CA", "fr"], "ca"],
  [["fr-FR"], "fr"],
  [["pt-BR"], "br"],
  [["tlh"], "us"],
  [[], "us"],
])("who speaks %j and tells nothing of the keys has %s", (languages, name) => {
  expect(nameOf(detectLayout(undefined, languages))).toBe(name);
});

test("each layout is known by its own keys, or another one looks the same", () => {
  for (const each of layouts) {
    const found = detectLayout(keysOf(each.signature), []);
    expect(found.signature, each.title).toBe(each.signature);
  }
});
