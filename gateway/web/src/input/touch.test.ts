import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Touch } from "./touch";

let done: string[];

function touch(relative = false): Touch {
  return new Touch(
    {
      place: (x, y) => done.push(`at ${x},${y}`),
      move: (dx, dy) => done.push(`by ${dx},${dy}`),
      turn: (x, y) => done.push(`wheel ${x},${y}`),
      press: (button) => done.push(`+${button}`),
      release: (button) => done.push(`-${button}`),
    },
    relative,
  );
}

beforeEach(() => {
  done = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test("a tap is a click where it is", () => {
  const fingers = touch();
  fingers.down(1, 50, 60);
  fingers.move(1, 53, 61); // no hand is quite still
  fingers.up(1);
  vi.advanceTimersByTime(1_000);
  expect(done).toEqual(["at 50,60", "+272", "-272"]);
});

test("a drag drags from where it began", () => {
  const fingers = touch();
  fingers.down(1, 50, 60);
  fingers.move(1, 80, 60);
  fingers.move(1, 90, 70);
  fingers.up(1);
  expect(done).toEqual(["at 50,60", "+272", "at 80,60", "at 90,70", "-272"]);
});

test("a long press is a click of the right button, and nothing more", () => {
  const fingers = touch();
  fingers.down(1, 50, 60);
  vi.advanceTimersByTime(600);
  fingers.move(1, 90, 60);
  fingers.up(1);
  expect(done).toEqual(["at 50,60", "+273", "-273"]);
});

test("two fingers turn the wheel, and click nothing", () => {
  const fingers = touch();
  fingers.down(1, 50, 100);
  fingers.down(2, 90, 100);
  fingers.move(1, 50, 80);
  fingers.move(2, 90, 80);
  fingers.up(1);
  fingers.up(2);
  vi.advanceTimersByTime(1_000);
  expect(done.map((each) => each.replace("-0", "0"))).toEqual(["at 50,100", "wheel 0,30", "wheel 0,30"]);
});

test("where motion counts a drag moves the view, and a tap still clicks", () => {
  const fingers = touch(true);
  fingers.down(1, 50, 60);
  fingers.move(1, 70, 60);
  fingers.move(1, 75, 55);
  fingers.up(1);
  fingers.down(1, 50, 60);
  fingers.up(1);
  expect(done).toEqual(["at 50,60", "by 20,0", "by 5,-5", "at 50,60", "+272", "-272"]);
});

test("what the browser takes away is released", () => {
  const fingers = touch();
  fingers.down(1, 50, 60);
  fingers.move(1, 80, 60);
  fingers.cancel();
  fingers.up(1);
  expect(done).toEqual(["at 50,60", "+272", "at 80,60", "-272"]);
});
