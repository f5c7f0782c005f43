import { expect, test } from "vitest";
import { linkOf, nameOf, rightsOf, watchingText } from "./people";

test.each([
  [true, 0, "keyboard and mouse"],
  [false, 1, "1 gamepad"],
  [true, 3, "keyboard and mouse, 3 gamepads"],
  [false, 0, "watches"],
])("keyboard %s and %i pads are told as %s", (keyboard, pads, words) => {
  expect(rightsOf(keyboard, pads)).toBe(words);
});

test("who has no known name is called by the id", () => {
  expect(nameOf({ name: "Ada", player: "ada" })).toBe("Ada");
  expect(nameOf({ player: "0123456789" })).toBe("Player 01234567");
});

test("spectators are counted in words", () => {
  expect([0, 1, 3].map(watchingText)).toEqual(["Nobody is watching", "1 person is watching", "3 people are watching"]);
});

test("links lead to the page of their kind", () => {
  expect(linkOf("watch", "c", "https://p")).toBe("https://p/watch/c");
  expect(linkOf("play", "c", "https://p")).toBe("https://p/join/c");
});
