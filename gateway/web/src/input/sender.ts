import type { InputState } from "./state";

/** After the last change the state is told again, for messages that got lost. */
const repairAfter = [20, 60, 180] as const;
/** While anything is held, the state is told at least this often. */
const holdEvery = 500;
/** Motion alone is sent no more often than this. */
const motionEvery = 2;

/** The part of a data channel that InputSender uses. */
export interface InputChannel {
  readonly readyState: RTCDataChannelState;
  readonly bufferedAmount: number;
  send(message: ArrayBuffer): void;
}

/**
 * Sends the input state: at once when a key, a button or the wheel changes,
 * motion as it comes, and again where something may have been lost. When the
 * channel can't take more, motion is left out: the next message holds its sum.
 */
export class InputSender {
  private readonly channel: InputChannel;
  private readonly state: InputState;
  private readonly sent: (sequence: number, at: number) => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastChange = 0;
  private lastSent = -motionEvery;
  private repairs = 0;

  /** `sent` is told of each message that leaves. */
  constructor(channel: InputChannel, state: InputState, sent: (sequence: number, at: number) => void) {
    this.channel = channel;
    this.state = state;
    this.sent = sent;
  }

  /** Sends after a change of a key, a button or the wheel. */
  changed(): void {
    this.lastChange = performance.now();
    this.repairs = 0;
    this.send();
    this.schedule();
  }

  /** Sends after motion, or soon. */
  moved(): void {
    this.lastChange = performance.now();
    this.repairs = 0;
    const wait = this.lastSent + motionEvery - this.lastChange;
    if (wait <= 0 && this.channel.bufferedAmount === 0) this.send();
    else this.repairs = -1; // one more message, as soon as it may be
    this.schedule();
  }

  /** Stops sending. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private send(): void {
    if (this.channel.readyState !== "open") return;
    this.lastSent = performance.now();
    this.channel.send(this.state.encode());
    this.sent(this.state.sequence, this.lastSent);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const wait = this.nextWait();
    if (wait === undefined) return;
    this.timer = setTimeout(() => {
      this.repairs++;
      this.send();
      this.schedule();
    }, wait);
  }

  private nextWait(): number | undefined {
    if (this.repairs < 0) return motionEvery;
    const after = repairAfter[this.repairs];
    if (after !== undefined) return Math.max(0, this.lastChange + after - performance.now());
    return this.state.holdsAny() ? holdEvery : undefined;
  }
}
