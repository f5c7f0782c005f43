import type { InputSender } from "./sender";
import { maxPads, padButton, restingPad, type InputState, type PadAxes } from "./state";

/**
 * How often pads are looked at. The browser tells of no change; a look each
 * frame would find one 8 ms late at the median, this one 2 ms.
 */
const lookEvery = 4;

/** The buttons that are triggers. */
const [leftTrigger, rightTrigger] = [6, 7];

/** What pads the page sees. */
export interface PadsSeen {
  /** The browser's number of each that is played, by our own; undefined: none. */
  played: (number | undefined)[];
  /** The name of one whose buttons the browser does not know; it is not played. */
  unknown: string;
}

export const noPads: PadsSeen = { played: Array.from({ length: maxPads }), unknown: "" };

export interface GamepadsConfig {
  state: InputState;
  sender: InputSender;
  seen: (pads: PadsSeen) => void;
}

/**
 * Plays the player's gamepads until the function that it returns is called. A
 * page that is hidden or has not the focus has its pads at rest.
 */
export function captureGamepads({ state, sender, seen }: GamepadsConfig): () => void {
  const pads = new Pads(state);
  const ended = new AbortController();
  let timer: ReturnType<typeof setInterval> | undefined;
  let last = "";
  const look = () => {
    const change = pads.look(listed(), !document.hidden && document.hasFocus());
    if (change === "buttons") sender.changed();
    else if (change === "axes") sender.moved();
    const now = JSON.stringify(pads.seen);
    if (now !== last) seen(pads.seen);
    last = now;
    if (pads.any) return;
    clearInterval(timer);
    timer = undefined;
  };
  const begin = () => {
    timer ??= setInterval(look, lookEvery);
    look();
  };
  for (const event of ["gamepadconnected", "gamepaddisconnected", "focus", "blur"]) {
    window.addEventListener(event, begin, { signal: ended.signal });
  }
  document.addEventListener("visibilitychange", begin, { signal: ended.signal });
  begin();
  return () => {
    ended.abort();
    clearInterval(timer);
    if (pads.look([], false)) sender.changed();
    sender.stop();
    seen(noPads);
  };
}

function listed(): Gamepad[] {
  return navigator.getGamepads().filter((pad) => pad !== null && pad.connected) as Gamepad[];
}

/** The part of a Gamepad that is played. */
export type Played = Pick<Gamepad, "index" | "id" | "mapping" | "axes"> & {
  readonly buttons: readonly { readonly pressed: boolean; readonly value: number }[];
};

/** Follows pads into the input state. */
export class Pads {
  seen = noPads;
  /** Whether there is a pad to be looked at. */
  any = false;

  constructor(private readonly state: InputState) {}

  /** Takes how the pads are now; says what has changed, "" for nothing. A pad keeps its number. */
  look(pads: readonly Played[], active: boolean): "" | "buttons" | "axes" {
    this.any = pads.length > 0;
    const standard = pads.filter(({ mapping }) => mapping === "standard");
    const unknown = pads.find(({ mapping }) => mapping !== "standard")?.id ?? "";
    const played = this.seen.played.map((index) => (standard.some((pad) => pad.index === index) ? index : undefined));
    for (const { index } of standard) {
      const free = played.indexOf(undefined);
      if (!played.includes(index) && free >= 0) played[free] = index;
    }
    this.seen = { played, unknown };
    let [buttons, axes] = [false, false];
    played.forEach((index, i) => {
      const pad = standard.find((each) => each.index === index);
      const connects = pad !== undefined && !this.state.hasPad(i);
      const moved = this.state.setPad(i, pad && (active ? axesOf(pad) : restingPad));
      if (connects || (!pad && moved)) buttons = true;
      else if (moved) axes = true;
      if (pad) buttons = this.press(i, active ? pad.buttons : []) || buttons;
    });
    return buttons ? "buttons" : axes ? "axes" : "";
  }

  private press(pad: number, buttons: Played["buttons"]): boolean {
    let changed = false;
    for (let i = 0; i < 17; i++) {
      const code = padButton(pad, i);
      const button = buttons[i];
      const trigger = i === leftTrigger || i === rightTrigger;
      const down = button !== undefined && (trigger ? button.value >= 0.5 : button.pressed);
      if (down ? this.state.press(code) : this.state.release(code)) changed = true;
    }
    return changed;
  }
}

function axesOf({ axes, buttons }: Played): PadAxes {
  const axis = (i: number) => Math.round(Math.max(-1, Math.min(1, axes[i] ?? 0)) * 32_767);
  const trigger = (i: number) => Math.round(Math.max(0, Math.min(1, buttons[i]?.value ?? 0)) * 255);
  return { axes: [axis(0), axis(1), axis(2), axis(3)], triggers: [trigger(leftTrigger), trigger(rightTrigger)] };
}

/** Shakes one of the browser's pads, or stops it; one that can't shake does not. */
export function rumble(index: number, strong: number, weak: number, ms: number): void {
  const motor = navigator.getGamepads()[index]?.vibrationActuator;
  if (!motor) return;
  const effect = { duration: Math.min(ms, 5_000), strongMagnitude: strong, weakMagnitude: weak };
  // What is played next takes the place of what is played; a refusal is no harm.
  const done = strong || weak ? motor.playEffect("dual-rumble", effect) : motor.reset();
  void done.catch(() => undefined);
}
