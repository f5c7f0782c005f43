import { expect, test } from "vitest";
import { clock, remark, size } from "./times";

test("places in a recording", () => {
  expect([0, 7_340, 760_000, 3_723_400, -5].map(clock)).toEqual(["0:00.0", "0:07.3", "12:40.0", "1:02:03.4", "0:00.0"]);
  expect(clock(59_990)).toBe("1:00.0");
});

test("sizes", () => {
  expect([900, 48_200_000, 1_310_000_000].map(size)).toEqual(["1 kB", "48 MB", "1.3 GB"]);
});

test("only what is out of the ordinary is remarked", () => {
  expect(remark({ state: "finished", endReason: "stopped" })).toBe("");
  expect(remark({ state: "recording" })).toBe("Being recorded");
  expect(remark({ state: "failed", fault: "disk-full" })).toBe("The disk was full; what there was is kept");
  expect(remark({ state: "finished", endReason: "full-size" })).toContain("largest");
});
