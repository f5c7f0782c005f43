import { expect, test } from "vitest";
import type { Session } from "./client";
import { isSettled, newest, ordered } from "./sessions";

function session(over: Partial<Session>): Session {
  return {
    id: "s1",
    game: "doom",
    title: "Doom",
    player: "anna",
    state: "ended",
    requestedAt: "2026-01-02T15:00:00Z",
    playedMs: 5_000,
    billedMs: 0,
    position: "10",
    ...over,
  };
}

test("the later place in the log wins, whichever arrives last", () => {
  const older = session({ position: "9", state: "active" });
  const newer = session({ position: "10" });
  expect(newest(older, newer)).toBe(newer);
  expect(newest(newer, older)).toBe(newer);
  expect(newest(undefined, older)).toBe(older);
});

test("at one place, what is billed decides", () => {
  const before = session({ billedMs: 0 });
  const after = session({ billedMs: 5_000 });
  expect(newest(before, after)).toBe(after);
  expect(newest(after, before)).toBe(after);
  expect(isSettled(newest(after, before))).toBe(true);
});

test("another session replaces the one before", () => {
  const other = session({ id: "s2", position: "1" });
  expect(newest(session({}), other)).toBe(other);
});

test("what was ordered is shown until it can be read", () => {
  const known = session({ state: "active", position: "10" });
  const paused = ordered(known, "pause", "12");
  expect(paused).toEqual({ ...known, state: "paused", position: "12" });
  const read = session({ state: "paused", position: "12", playedMs: 6_000 });
  expect(newest(paused, read)).toBe(read);
  expect(newest(paused, session({ state: "active", position: "11" }))).toBe(paused);
  const over = session({ position: "20" });
  expect(ordered(over, "pause", "12")).toBe(over);
});
