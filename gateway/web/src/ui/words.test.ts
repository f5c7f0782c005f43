import { expect, test } from "vitest";
import { duration, outcome, place, players } from "./words";

test.each([
  [0, "0 s"],
  [-5, "0 s"],
  [59_999, "59 s"],
  [60_000, "1 min 00 s"],
  [245_000, "4 min 05 s"],
  [3_720_000, "1 h 02 min"],
])("%i ms are %s", (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test("an end has its reason in words, and an unknown one as it is", () => {
  expect(outcome({ state: "ended", endReason: "player" })).toBe("You ended it");
  expect(outcome({ state: "failed", failureCause: "worker-lost" })).toContain("not billed");
  expect(outcome({ state: "ended", endReason: "new-reason" })).toBe("new-reason");
  expect(outcome({ state: "queued" })).toBe("In the queue");
});

test("guests are told of the host, and of no bill", () => {
  expect(outcome({ state: "ended", endReason: "player" }, false)).toBe("The host ended it");
  expect(outcome({ state: "ended", endReason: "game-exited" }, false)).toBe("The game was left from within");
  expect(outcome({ state: "failed", failureCause: "worker-lost" }, false)).not.toContain("billed");
});

test("places are ordinals", () => {
  expect([1, 2, 3, 4, 11, 21].map(place)).toEqual(["1st", "2nd", "3rd", "4th", "11th", "21st"]);
});

test("how many can play", () => {
  expect([1, 2, 4].map(players)).toEqual(["1 player", "1–2 players", "1–4 players"]);
});
