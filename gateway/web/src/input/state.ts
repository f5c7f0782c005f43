/** The version of the message format; the streamer's package input documents it. */
const version = 1;
const headerSize = 32;
const maxHeld = 32;
const maxRecent = 8;
const pressedBit = 0x8000;

export type PointerMode = "absolute" | "relative";

/**
 * What the player's keyboard and mouse are doing, as the streamer wants to be
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

  /** Records a release for each code held; false if there was none. */
  releaseAll(): boolean {
    const codes = [...this.held];
    for (const code of codes) this.release(code);
    return codes.length > 0;
  }

  isHeld(code: number): boolean {
    return this.held.has(code);
  }

  holdsAny(): boolean {
    return this.held.size > 0;
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
    const message = new ArrayBuffer(headerSize + 2 * (held.length + this.recent.length));
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
    [...held, ...this.recent].forEach((code, i) => view.setUint16(headerSize + 2 * i, code, true));
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
