import { beforeEach, expect, test } from "vitest";
import { InputDelay } from "./delay";

let delay: InputDelay;
beforeEach(() => {
  delay = new InputDelay();
});

test("an input counts until the first frame captured after it is shown", () => {
  delay.sent(1, 100);
  delay.injected(1, 9_000);
  delay.presented(7_500, 110);
  expect(delay.percentiles()).toBeNull();
  delay.presented(9_000, 125);
  delay.presented(10_500, 142);
  expect(delay.percentiles()).toEqual({ p50: 25, p95: 25, p99: 25 });
});

test("a frame that was shown before the word of it came counts too", () => {
  delay.sent(1, 100);
  delay.presented(7_500, 110);
  delay.presented(9_000, 125);
  delay.presented(10_500, 142);
  delay.injected(1, 9_000);
  expect(delay.percentiles()?.p50).toBe(25);
});

test("where the frame itself was never shown the next one counts", () => {
  delay.sent(1, 100);
  delay.injected(1, 9_000);
  delay.presented(10_500, 142);
  expect(delay.percentiles()?.p50).toBe(42);
});

test("RTP times wrap around", () => {
  delay.sent(1, 0);
  delay.injected(1, 200);
  delay.presented(2 ** 32 - 1_000, 5);
  expect(delay.percentiles()).toBeNull();
  delay.presented(500, 20);
  expect(delay.percentiles()?.p50).toBe(20);
});

test("what was not sent, and what takes for ever, does not count", () => {
  delay.injected(9, 100);
  delay.presented(100, 10);
  delay.sent(1, 0);
  delay.injected(1, 200);
  delay.presented(200, 60_000);
  expect(delay.percentiles()).toBeNull();
});

test("the latest 256 samples make the percentiles", () => {
  for (let i = 0; i < 1_000; i++) {
    delay.sent(i, 0);
    delay.injected(i, i);
    delay.presented(i, i < 744 ? 5_000 : i - 743);
  }
  expect(delay.percentiles()).toEqual({ p50: 129, p95: 244, p99: 254 });
});
