import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { captureKeyboard } from "./keyboard";
import type { InputSender } from "./sender";
import { InputState } from "./state";

let stage: EventTarget;
let page: EventTarget & { activeElement?: EventTarget };
let done: string[];
let pasted: (() => void)[];
let ended: AbortController;

/** Notes what is pressed and released. */
class Noted extends InputState {
  override press(code: number): boolean {
    done.push(`+${code}`);
    return super.press(code);
  }
  override release(code: number): boolean {
    if (this.isHeld(code)) done.push(`-${code}`);
    return super.release(code);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  stage = new EventTarget();
  page = new EventTarget();
  page.activeElement = stage;
  vi.stubGlobal("document", page);
  done = [];
  pasted = [];
  ended = new AbortController();
});
afterEach(() => {
  ended.abort();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function capture(platform: string): void {
  captureKeyboard(
    {
      stage: stage as HTMLElement,
      state: new Noted(),
      sender: { changed: () => undefined } as InputSender,
      onLeave: () => done.push("leave"),
      onLocks: (caps, num) => done.push(`locks ${caps} ${num}`),
      onPaste: (text) => {
        done.push(text);
        return new Promise((resolve) => pasted.push(resolve));
      },
      platform,
    },
    ended.signal,
  );
}

function key(type: "keydown" | "keyup", code: string, more: object = {}): void {
  const event = new Event(type, { cancelable: true });
  stage.dispatchEvent(Object.assign(event, { code, key: code, getModifierState: () => false, ...more }));
}

/** What was done, without what is told of the locks. */
function keys(): string[] {
  return done.filter((each) => !each.startsWith("locks"));
}

test("Windows' Control before AltGr is none", () => {
  capture("Win32");
  key("keydown", "ControlLeft");
  key("keydown", "AltRight", { key: "AltGraph" });
  key("keydown", "KeyQ");
  key("keyup", "KeyQ");
  key("keyup", "ControlLeft");
  key("keyup", "AltRight");
  expect(keys()).toEqual(["+100", "+16", "-16", "-100"]);
});

test("a Control of its own is one, and comes before what follows", () => {
  capture("Win32");
  key("keydown", "ControlLeft");
  key("keydown", "KeyC");
  key("keyup", "KeyC");
  key("keyup", "ControlLeft");
  key("keydown", "ControlLeft");
  vi.advanceTimersByTime(20);
  expect(keys()).toEqual(["+29", "+46", "-46", "-29", "+29"]);
});

test("a Mac's CapsLock is a tap each time it changes", () => {
  capture("MacIntel");
  key("keydown", "CapsLock");
  key("keyup", "CapsLock");
  expect(keys()).toEqual(["+58", "-58", "+58", "-58"]);
});

test("the locks are told at first, and when they change", () => {
  capture("Linux");
  key("keydown", "KeyA");
  key("keyup", "KeyA");
  key("keydown", "KeyB", { getModifierState: (name: string) => name === "CapsLock" });
  expect(done.filter((each) => each.startsWith("locks"))).toEqual(["locks false false", "locks true false"]);
});

test("the game has the text before it gets the keys that paste it", async () => {
  capture("Linux");
  key("keydown", "ControlLeft", { ctrlKey: true });
  key("keydown", "KeyV", { ctrlKey: true });
  const paste = Object.assign(new Event("paste", { cancelable: true }), { clipboardData: { getData: () => "text" } });
  page.dispatchEvent(paste);
  key("keyup", "KeyV", { ctrlKey: true });
  key("keyup", "ControlLeft");
  await vi.advanceTimersByTimeAsync(500);
  expect(keys()).toEqual(["+29", "text"]);
  pasted[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(keys()).toEqual(["+29", "text", "+47", "-47", "-29"]);
});

test("keys that paste nothing are keys", async () => {
  capture("Linux");
  key("keydown", "KeyV", { ctrlKey: true });
  key("keyup", "KeyV", { ctrlKey: true });
  await vi.advanceTimersByTimeAsync(300);
  expect(keys()).toEqual(["+47", "-47"]);
});
