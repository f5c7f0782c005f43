import { expect, test } from "vitest";
import { isSaid, nameOf } from "./ending";

const warning = { reason: "longest-session", leftS: 1800, endsAt: "2026-01-02T12:00:00Z" };

test("an early warning is said for a while, and in the last minutes again", () => {
  const said = [1800, 1781, 1780, 301, 300, 1, 0].map((seconds) => isSaid(warning, seconds));
  expect(said).toEqual([true, true, false, false, true, true, false]);
});

test("a warning that comes late is said at once, if late enough to stay", () => {
  expect(isSaid({ ...warning, leftS: 300 }, 120)).toBe(true);
});

test("the next step, another end and another reason are other warnings", () => {
  const others = [{ ...warning, leftS: 900 }, { ...warning, reason: "guardian" }, { ...warning, endsAt: "2026-01-02T12:10:00Z" }];
  expect(new Set([warning, ...others].map(nameOf)).size).toBe(4);
  expect(nameOf({ ...warning })).toBe(nameOf(warning));
});
