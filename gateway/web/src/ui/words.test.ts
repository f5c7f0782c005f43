import { expect, test } from "vitest";
import { duration, ends, outcome, place, players, queued, wait } from "./words";

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

test.each([
  ["longest-session", "It lasted as long as your plan allows", "Its time was up"],
  ["idle", "Nobody played for a while", "Nobody played for a while"],
  ["daily-allowance", "Your plan's play of the day is used up", "Its time was up"],
])("an end by %s is %s, and to guests %s", (endReason, host, guest) => {
  expect(outcome({ state: "ended", endReason })).toBe(host);
  expect(outcome({ state: "ended", endReason }, false)).toBe(guest);
});

test("an end by a guardian is for the player, and guests are given no reason", () => {
  expect(outcome({ state: "ended", endReason: "guardian" })).toBe("The time that your guardian allows is up");
  expect(outcome({ state: "ended" }, false)).toBe("Ended");
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

test.each([
  [0, "less than a minute"],
  [29_000, "less than a minute"],
  [40_000, "about a minute"],
  [125_000, "about 2 minutes"],
  [3_500_000, "about 58 minutes"],
  [3_600_000, "about an hour"],
  [7_000_000, "about 2 hours"],
])("a wait of %i ms is %s", (ms, words) => {
  expect(wait(ms)).toBe(words);
});

test.each([
  [300, "longest-session", "5 minutes left: your plan's longest session"],
  [241, "guardian", "5 minutes left: your guardian's limit"],
  [240, "daily-allowance", "4 minutes left: your plan's play of a day"],
  [60, "idle", "1 minute left: nobody plays. Any key goes on"],
  [30, "new-reason", "Less than a minute left: new-reason"],
  [0, undefined, "Less than a minute left"],
])("%i seconds before the end by %s: %s", (seconds, reason, words) => {
  expect(ends(seconds, reason)).toBe(words);
});

test.each([
  [{ queuePlace: 3, queueWaitMs: 120_000 }, "You are 3rd in the queue, about 2 minutes"],
  [{ queuePlace: 1, queueWaitMs: 20_000 }, "You are next in the queue, less than a minute"],
  [{ queuePlace: 2 }, "You are 2nd in the queue"],
  [{}, "You are in the queue"],
])("who waits as %o is told: %s", (session, words) => {
  expect(queued(session)).toBe(words);
});
