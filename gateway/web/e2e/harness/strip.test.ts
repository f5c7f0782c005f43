import { expect, test } from "vitest";
import { checksum, decodeStrip } from "./strip";

/** The levels of a strip's blocks, as a video in limited range has them. */
function levels(bytes: number[]): number[] {
  return bytes.flatMap((byte) =>
    Array.from({ length: 8 }, (_, bit) => (byte & (0x80 >> bit) ? 231 : 18)),
  );
}

const frameOneInputsTwo = levels([0b10110010, 0, 0, 0, 1, 0, 0, 0, 2, 0x6c]);

test("the checksum is CRC-8/SMBUS", () => {
  expect(checksum([...Buffer.from("123456789")])).toBe(0xf4);
});

test("a strip is read", () => {
  expect(decodeStrip(frameOneInputsTwo)).toEqual({ frame: 1, inputs: 2 });
});

test("numbers above 31 bits stay positive", () => {
  const data = [0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 1];
  expect(decodeStrip(levels([0b10110010, ...data, checksum(data)]))).toEqual({
    frame: 0xffff_ffff,
    inputs: 0x8000_0001,
  });
});

test.each([
  ["a bit error", frameOneInputsTwo.map((level, i) => (i === 39 ? 18 : level))],
  ["an unclear block", frameOneInputsTwo.map((level, i) => (i === 20 ? 125 : level))],
  ["too little contrast", frameOneInputsTwo.map((level) => level / 8)],
  ["half a strip", frameOneInputsTwo.slice(0, 40)],
  ["no picture", []],
])("%s is not read", (_, wrong) => {
  expect(decodeStrip(wrong)).toBeNull();
});
