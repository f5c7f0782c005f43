/** Percentiles of a duration, in milliseconds. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/** As many of the latest samples count. */
const sampleCount = 256;
/** Inputs and frames that are remembered: over a second of either. */
const memory = 128;
/** An answer that takes longer is not one to this input. */
const longest = 10_000;

/**
 * Measures how long it is from an input to the first picture that can show it:
 * from the sending of the message to the display of the first frame that was
 * captured after the worker had played it. Of a game it says how fast it could
 * have been seen to react; what the game itself takes comes on top.
 *
 *   sent(7) ──▶ worker plays 7, captures frame T ──▶ injected(7, T)
 *      └───────────────── the sample ────────────────▶ presented(≥ T)
 *
 * Times are performance.now(); RTP times wrap around at 32 bits.
 */
export class InputDelay {
  private readonly inputs = new Map<number, number>();
  private waiting: { rtp: number; sent: number }[] = [];
  private frames: { rtp: number; at: number }[] = [];
  private samples: number[] = [];

  /** An input message left. */
  sent(seq: number, at: number): void {
    this.inputs.set(seq, at);
    const oldest = this.inputs.keys().next().value;
    if (this.inputs.size > memory && oldest !== undefined) this.inputs.delete(oldest);
  }

  /** The worker told of an input that it has played. The frame may have been shown already. */
  injected(seq: number, rtp: number): void {
    const sent = this.inputs.get(seq);
    if (sent === undefined) return;
    this.inputs.delete(seq);
    const shown = this.frames.find((frame) => notBefore(frame.rtp, rtp));
    if (shown) this.sample(shown.at - sent);
    else this.waiting = [...this.waiting, { rtp, sent }].slice(-memory);
  }

  /** A frame is shown at a time. */
  presented(rtp: number, at: number): void {
    this.frames = [...this.frames, { rtp, at }].slice(-memory);
    const due = this.waiting.filter((each) => notBefore(rtp, each.rtp));
    if (due.length === 0) return;
    this.waiting = this.waiting.filter((each) => !notBefore(rtp, each.rtp));
    for (const each of due) this.sample(at - each.sent);
  }

  /** The percentiles of the latest samples; null while there are none. */
  percentiles(): Percentiles | null {
    if (this.samples.length === 0) return null;
    const sorted = [...this.samples].sort((a, b) => a - b);
    const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }

  private sample(ms: number): void {
    if (ms >= 0 && ms <= longest) this.samples = [...this.samples, ms].slice(-sampleCount);
  }
}

/** Whether RTP time a is b or later (serial number arithmetic, RFC 1982). */
function notBefore(a: number, b: number): boolean {
  return ((a - b) | 0) >= 0;
}
