import { expect, test } from "vitest";
import { contentBox } from "./picture";

test.each([
  [{ x: 0, y: 0, width: 1600, height: 900 }, { x: 200, y: 0, width: 1200, height: 900 }],
  [{ x: 10, y: 20, width: 800, height: 1000 }, { x: 10, y: 220, width: 800, height: 600 }],
])("a 4:3 picture lies in the middle of %j", (element, box) => {
  expect(contentBox(element, { videoWidth: 640, videoHeight: 480 })).toEqual(box);
});

test("there is no box before there is a picture", () => {
  const element = { x: 0, y: 0, width: 10, height: 10 };
  expect(contentBox(element, { videoWidth: 0, videoHeight: 0 })).toBeUndefined();
});
