import { buttonCodes } from "./keys";

/** What a touch does, as a mouse would. */
export interface Hand {
  /** Puts the pointer at a place of the page; of no account where motion counts. */
  place(x: number, y: number): void;
  /** Moves by pixels. */
  move(dx: number, dy: number): void;
  /** Turns the wheel, 120 a notch. */
  turn(x: number, y: number): void;
  press(button: number): void;
  release(button: number): void;
}

/** A finger that has moved less far, in pixels, stands still. */
const stillWithin = 10;
/** A finger that stands still so long, in milliseconds, asks for the right button. */
const longPress = 500;
/** Wheel units a pixel of two fingers' way: a notch in about 40 pixels. */
const perPixel = 3;

const [left, right] = buttonCodes;

interface Finger {
  x: number;
  y: number;
}

type Gesture = "none" | "waits" | "drags" | "scrolls" | "done";

/**
 * Plays fingers as a mouse: a tap is a click, a drag drags, a long press is a
 * click of the right button, two fingers turn the wheel. Where the game wants
 * motion (`relative`), a drag moves the view and presses nothing.
 */
export class Touch {
  private readonly fingers = new Map<number, Finger>();
  private gesture: Gesture = "none";
  private start: Finger = { x: 0, y: 0 };
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly hand: Hand,
    private readonly relative: boolean,
  ) {}

  down(id: number, x: number, y: number): void {
    this.fingers.set(id, { x, y });
    if (this.fingers.size === 1) {
      this.gesture = "waits";
      this.start = { x, y };
      this.hand.place(x, y);
      this.timer = setTimeout(() => this.held(), longPress);
    } else if (this.gesture === "waits") {
      clearTimeout(this.timer);
      this.gesture = "scrolls";
    }
  }

  move(id: number, x: number, y: number): void {
    const finger = this.fingers.get(id);
    if (!finger) return;
    const dx = x - finger.x;
    const dy = y - finger.y;
    if (this.gesture === "waits" && Math.hypot(x - this.start.x, y - this.start.y) < stillWithin) return;
    finger.x = x;
    finger.y = y;
    if (this.gesture === "waits") {
      clearTimeout(this.timer);
      this.gesture = "drags";
      if (!this.relative) this.hand.press(left);
    }
    if (this.gesture === "drags" && this.relative) this.hand.move(dx, dy);
    else if (this.gesture === "drags") this.hand.place(x, y);
    // What is under the fingers goes with them; each of two has half a say.
    else if (this.gesture === "scrolls") this.hand.turn((-dx * perPixel) / 2, (-dy * perPixel) / 2);
  }

  up(id: number): void {
    if (!this.fingers.delete(id)) return;
    if (this.gesture === "waits") this.click(left);
    if (this.gesture === "drags" && !this.relative) this.hand.release(left);
    if (this.gesture !== "scrolls") this.gesture = "done";
    if (this.fingers.size === 0) this.gesture = "none";
    clearTimeout(this.timer);
  }

  /** Ends it without a click: the fingers are the browser's now, or nobody's. */
  cancel(): void {
    clearTimeout(this.timer);
    if (this.gesture === "drags" && !this.relative) this.hand.release(left);
    this.fingers.clear();
    this.gesture = "none";
  }

  private held(): void {
    this.gesture = "done";
    this.click(right);
  }

  private click(button: number): void {
    this.hand.press(button);
    this.hand.release(button);
  }
}
