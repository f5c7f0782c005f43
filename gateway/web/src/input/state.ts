/** The version of the message format; the streamer's package input documents it. */
const version = 2;
const headerSize = 33;
const maxHeld = 100;
const maxRecent = 8;
const pressedBit = 0x8000;

export type PointerMode = "absolute" | "relative";

/** How many gamepads the format has. */
export const maxPads = 4;
const padSize = 10;

/** A gamepad without its buttons, which are pressed and released as keys are. */
export interface PadAxes {
  /** Left x, left y, right x, right y: -32768 to 32767, right and down positive. */
  axes: readonly [number, number, number, number];
  /** Left and right: 0 to 255. */
  triggers: readonly [number, number];
}

/** The code of a pad's button, by the number of the W3C's standard gamepad. */
export function padButton(pad: number, button: number): number {
  return firstPadCode + 32 * pad + button;
}

const firstPadCode = 512;

/**
 * What the player's keyboard, mouse and gamepads are doing, as the streamer wants to be
 * told: the whole state in each message, with sums and counters that never go
 * back, so that a lost message loses nothing. One InputState lives as long as
 * one data channel.
 */
export class InputState {
  mode: PointerMode = "absolute";
  /** The number of the last message. */
  sequence = 0;
  private changes = 0;
  private x = 0;
  private y = 0;
  private dx = 0;
  private dy = 0;
  private wheelX = 0;
  private wheelY = 0;
  private readonly held = new Set<number>();
  private recent: number[] = [];
  private readonly pads: (PadAxes | undefined)[] = Array.from({ length: maxPads });

  /** Records a press; false if nothing changed by it. */
  press(code: number): boolean {
    if (this.held.has(code) || this.held.size >= maxHeld) return false;
    this.held.add(code);
    this.record(code | pressedBit);
    return true;
  }

  /** Records a release; false if nothing changed by it. */
  release(code: number): boolean {
    if (!this.held.delete(code)) return false;
    this.record(code);
    return true;
  }

  /** Records a release for each key and button of the mouse held; false if there was none. */
  releaseKeys(): boolean {
    const codes = [...this.held].filter((code) => code < firstPadCode);
    for (const code of codes) this.release(code);
    return codes.length > 0;
  }

  hasPad(pad: number): boolean {
    return this.pads[pad] !== undefined;
  }

  /** Sets what a pad does beside its buttons, or takes it away; false if nothing changed by it. */
  setPad(pad: number, now: PadAxes | undefined): boolean {
    if (same(this.pads[pad], now)) return false;
    this.pads[pad] = now;
    if (!now) for (const code of this.held) if (isOf(code, pad)) this.release(code);
    return true;
  }

  isHeld(code: number): boolean {
    return this.held.has(code);
  }

  /** Whether it matters that the state is known: something is held, or a stick is not at rest. */
  holdsAny(): boolean {
    return this.held.size > 0 || this.pads.some((pad) => pad && !same(pad, restingPad));
  }

  /** Puts the pointer at a place of the picture, each part from 0 to 1. */
  place(x: number, y: number): void {
    this.x = fraction(x);
    this.y = fraction(y);
  }

  /** Adds motion in pixels; what is less than a pixel is kept for later. */
  move(dx: number, dy: number): void {
    this.dx += dx;
    this.dy += dy;
  }

  /** Adds a turn of the wheel, 120 a notch, to the right and downwards. */
  turn(x: number, y: number): void {
    this.wheelX += x;
    this.wheelY += y;
  }

  /** The next message: the state under a new sequence number. */
  encode(): ArrayBuffer {
    const held = [...this.held].sort((a, b) => a - b);
    const connected = this.pads.reduce((mask, pad, i) => (pad ? mask | (1 << i) : mask), 0);
    const padsAt = headerSize + 2 * (held.length + this.recent.length);
    const pads = this.pads.filter((pad) => pad !== undefined);
    const message = new ArrayBuffer(padsAt + padSize * pads.length);
    const view = new DataView(message);
    this.sequence = (this.sequence + 1) >>> 0;
    view.setUint8(0, version);
    view.setUint8(1, this.mode === "relative" ? 1 : 0);
    view.setUint32(2, this.sequence, true);
    view.setUint16(6, this.x, true);
    view.setUint16(8, this.y, true);
    // setInt32 wraps around at 32 bits, as the format wants.
    view.setInt32(10, Math.trunc(this.dx), true);
    view.setInt32(14, Math.trunc(this.dy), true);
    view.setInt32(18, Math.trunc(this.wheelX), true);
    view.setInt32(22, Math.trunc(this.wheelY), true);
    view.setUint32(26, this.changes, true);
    view.setUint8(30, held.length);
    view.setUint8(31, this.recent.length);
    view.setUint8(32, connected);
    [...held, ...this.recent].forEach((code, i) => view.setUint16(headerSize + 2 * i, code, true));
    pads.forEach(({ axes, triggers }, i) => {
      const at = padsAt + padSize * i;
      axes.forEach((axis, j) => view.setInt16(at + 2 * j, axis, true));
      triggers.forEach((trigger, j) => view.setUint8(at + 8 + j, trigger));
    });
    return message;
  }

  private record(change: number): void {
    this.changes = (this.changes + 1) >>> 0;
    this.recent = [...this.recent, change].slice(-maxRecent);
  }
}

function fraction(part: number): number {
  return Math.round(Math.min(1, Math.max(0, part)) * 65_535);
}

/** A pad that nobody touches. */
export const restingPad: PadAxes = { axes: [0, 0, 0, 0], triggers: [0, 0] };

function same(a: PadAxes | undefined, b: PadAxes | undefined): boolean {
  if (!a || !b) return a === b;
  return a.axes.every((axis, i) => axis === b.axes[i]) && a.triggers.every((trigger, i) => trigger === b.triggers[i]);
}

function isOf(code: number, pad: number): boolean {
  return code >= padButton(pad, 0) && code < padButton(pad + 1, 0);
}
