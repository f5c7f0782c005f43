import type { Percentiles } from "./delay";

/** The totals of a connection at one moment, out of its WebRTC statistics. */
export interface Sample {
  at: number; // ms
  frames: number;
  dropped: number;
  freezes: number;
  freezeTime: number; // s
  bytes: number;
  packets: number;
  lost: number;
  decodeTime: number; // s
  bufferDelay: number; // s, summed over `emitted` frames
  emitted: number;
  jitterMs: number;
  roundTripMs: number;
  width: number;
  height: number;
}

/** What happened between two samples. */
export interface Figures {
  fps: number;
  dropped: number;
  freezes: number;
  bitRate: number; // bit/s
  loss: number; // 0 to 1
  decodeMs: number; // mean
  bufferMs: number; // mean
  jitterMs: number;
  roundTripMs: number;
  width: number;
  height: number;
  /** From an input to the first picture that can show it, the median; null before the first. */
  inputMs: number | null;
}

type Stats = Record<string, unknown> & { type?: unknown };

function number(stats: Stats | undefined, name: string): number {
  const value = stats?.[name];
  return typeof value === "number" ? value : 0;
}

/** Reads the totals (W3C webrtc-stats: inbound-rtp and the nominated candidate-pair). */
export function sampleOf(report: Iterable<unknown>, at: number): Sample {
  let video: Stats | undefined;
  let pair: Stats | undefined;
  for (const entry of report) {
    const stats = entry as Stats;
    if (stats.type === "inbound-rtp" && stats.kind === "video") video = stats;
    if (stats.type === "candidate-pair" && stats.nominated === true) pair = stats;
  }
  return {
    at,
    frames: number(video, "framesDecoded"),
    dropped: number(video, "framesDropped"),
    freezes: number(video, "freezeCount"),
    freezeTime: number(video, "totalFreezesDuration"),
    bytes: number(video, "bytesReceived"),
    packets: number(video, "packetsReceived"),
    lost: number(video, "packetsLost"),
    decodeTime: number(video, "totalDecodeTime"),
    bufferDelay: number(video, "jitterBufferDelay"),
    emitted: number(video, "jitterBufferEmittedCount"),
    jitterMs: number(video, "jitter") * 1000,
    roundTripMs: number(pair, "currentRoundTripTime") * 1000,
    width: number(video, "frameWidth"),
    height: number(video, "frameHeight"),
  };
}

/** The figures of the time between two samples. */
export function figuresOf(before: Sample, after: Sample, delay: Percentiles | null): Figures {
  const seconds = Math.max(0.001, (after.at - before.at) / 1000);
  const frames = Math.max(0, after.frames - before.frames);
  const emitted = Math.max(0, after.emitted - before.emitted);
  const lost = Math.max(0, after.lost - before.lost);
  const sent = lost + Math.max(0, after.packets - before.packets);
  return {
    fps: frames / seconds,
    dropped: Math.max(0, after.dropped - before.dropped),
    freezes: Math.max(0, after.freezes - before.freezes),
    bitRate: (Math.max(0, after.bytes - before.bytes) * 8) / seconds,
    loss: sent ? lost / sent : 0,
    decodeMs: frames ? ((after.decodeTime - before.decodeTime) * 1000) / frames : 0,
    bufferMs: emitted ? ((after.bufferDelay - before.bufferDelay) * 1000) / emitted : 0,
    jitterMs: after.jitterMs,
    roundTripMs: after.roundTripMs,
    width: after.width,
    height: after.height,
    inputMs: delay?.p50 ?? null,
  };
}

/** The report of a sample on the control channel, as the worker reads it: counts, nanoseconds, and a delay in ms. */
export function reportOf(totals: Sample, delay: Percentiles | null) {
  const nanoseconds = (seconds: number) => Math.round(seconds * 1e9);
  return {
    type: "report",
    totals: {
      presented: Math.max(0, totals.frames - totals.dropped),
      decoded: totals.frames,
      dropped: totals.dropped,
      freezes: totals.freezes,
      freeze_ns: nanoseconds(totals.freezeTime),
      decode_ns: nanoseconds(totals.decodeTime),
      buffer_ns: nanoseconds(totals.bufferDelay),
      emitted: totals.emitted,
      ...(delay && { input_to_present: { p50_ms: delay.p50, p95_ms: delay.p95, p99_ms: delay.p99 } }),
    },
  };
}

export type Grade = "good" | "fair" | "poor";

/** Judges a figure of which less is better. */
export function grade(value: number, good: number, fair: number): Grade {
  if (value <= good) return "good";
  return value <= fair ? "fair" : "poor";
}
