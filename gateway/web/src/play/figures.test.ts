import { expect, test } from "vitest";
import { figuresOf, grade, reportOf, sampleOf } from "./figures";

function stats(over: object) {
  return [
    { type: "inbound-rtp", kind: "audio", framesDecoded: 9_999 },
    { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 },
    { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.012 },
    {
      type: "inbound-rtp",
      kind: "video",
      framesDecoded: 100,
      framesDropped: 1,
      bytesReceived: 1_000_000,
      packetsReceived: 900,
      packetsLost: 10,
      totalDecodeTime: 0.4,
      frameWidth: 1280,
      frameHeight: 720,
      ...over,
    },
  ];
}

test("figures are of the time between two samples", () => {
  const before = sampleOf(stats({}), 1_000);
  const after = sampleOf(
    stats({
      framesDecoded: 220,
      framesDropped: 3,
      bytesReceived: 2_000_000,
      packetsReceived: 990,
      packetsLost: 20,
      totalDecodeTime: 0.88,
    }),
    3_000,
  );
  const figures = figuresOf(before, after, { p50: 21, p95: 30, p99: 40 });
  expect(figures).toMatchObject({ fps: 60, dropped: 2, bitRate: 4_000_000, loss: 0.1, width: 1280, inputMs: 21 });
  expect(figures.decodeMs).toBeCloseTo(4);
  expect(figures.roundTripMs).toBeCloseTo(12);
});

test("a report without video is all zero, and never NaN", () => {
  const empty = sampleOf([], 0);
  const { inputMs, ...rest } = figuresOf(empty, empty, null);
  expect(Object.values(rest)).toEqual(new Array(11).fill(0));
  expect(inputMs).toBeNull();
});

test("totals that go back, as after a reset, count as nothing", () => {
  const figures = figuresOf(sampleOf(stats({}), 0), sampleOf(stats({ framesDecoded: 0, bytesReceived: 0 }), 1_000), null);
  expect(figures.fps).toBe(0);
  expect(figures.bitRate).toBe(0);
});

test("the worker gets counts and whole nanoseconds", () => {
  const sample = sampleOf(stats({ freezeCount: 2, totalFreezesDuration: 0.5 }), 0);
  const { type, totals } = reportOf(sample, null);
  expect(type).toBe("report");
  expect(totals).toMatchObject({ presented: 99, decoded: 100, dropped: 1, freezes: 2, freeze_ns: 500_000_000, decode_ns: 400_000_000 });
  expect(Object.values(totals).every(Number.isInteger)).toBe(true);
  const told = reportOf(sample, { p50: 21, p95: 30, p99: 40 }).totals;
  expect(told).toEqual({ ...totals, input_to_present: { p50_ms: 21, p95_ms: 30, p99_ms: 40 } });
});

test("grades have their borders", () => {
  expect([40, 41, 81].map((ms) => grade(ms, 40, 80))).toEqual(["good", "fair", "poor"]);
});
