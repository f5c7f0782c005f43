import { Gate } from "./gate";
import { keyCodes } from "./keys";
import type { InputSender } from "./sender";
import type { InputState } from "./state";

/** What the page does with the keyboard beside sending its keys. */
export interface KeyboardConfig {
  /** Takes the keyboard while it has the focus. */
  stage: HTMLElement;
  state: InputState;
  sender: InputSender;
  /** The player pressed the keys that lead out of the game. */
  onLeave: () => void;
  /** CapsLock or NumLock are so, at first and whenever they change. */
  onLocks: (caps: boolean, num: boolean) => void;
  /** The player pastes a text; settles when the game can have it. */
  onPaste: (text: string) => Promise<void>;
  platform?: string;
}

/** Windows presses Control just before AltGr (and never by itself so soon before another key). */
const altGrWithin = 8;
/** A browser tells what is pasted just after the keys that paste it, if it tells it at all. */
const pasteWithin = 200;

/** Ctrl+Alt+M gives keyboard and mouse back to the page. */
function isWayOut(event: KeyboardEvent): boolean {
  return event.code === "KeyM" && event.ctrlKey && event.altKey;
}

function isPaste(event: KeyboardEvent): boolean {
  if (event.altKey) return false;
  return event.code === "KeyV" ? event.ctrlKey || event.metaKey : event.code === "Insert" && event.shiftKey;
}

/** Sends the keys of the stage until the signal; answers how to release what is held. */
export function captureKeyboard(config: KeyboardConfig, signal: AbortSignal): () => void {
  const keyboard = new Keyboard(config);
  const { stage } = config;
  stage.addEventListener("keydown", (event) => keyboard.down(event), { signal });
  stage.addEventListener("keyup", (event) => keyboard.up(event), { signal });
  document.addEventListener("paste", (event) => keyboard.pasted(event), { signal });
  for (const look of ["keydown", "keyup", "pointerdown"] as const) {
    stage.addEventListener(look, (event) => keyboard.followLocks(event), { signal });
  }
  return () => keyboard.releaseAll();
}

class Keyboard {
  private readonly gate = new Gate();
  private readonly windows: boolean;
  private readonly mac: boolean;
  /** A press of Control that may be none. */
  private control: ReturnType<typeof setTimeout> | undefined;
  private paste: ((text: string | undefined) => void) | undefined;
  private locks = "";

  constructor(private readonly config: KeyboardConfig) {
    const platform = config.platform ?? navigator.platform;
    this.windows = platform.startsWith("Win");
    this.mac = platform.startsWith("Mac");
  }

  down(event: KeyboardEvent): void {
    if (isWayOut(event)) {
      event.preventDefault();
      this.releaseAll();
      if (document.pointerLockElement === this.config.stage) document.exitPointerLock();
      this.config.onLeave();
      return;
    }
    if (isPaste(event)) {
      if (!event.repeat) void this.pasteThen(event); // what the browser does with the keys brings the text
      return;
    }
    event.preventDefault();
    const code = keyCodes[event.code];
    if (code === undefined || event.repeat) return;
    if (this.control !== undefined && event.code === "AltRight" && event.key === "AltGraph") this.dropControl();
    this.settleControl();
    if (this.windows && event.code === "ControlLeft") {
      this.control = setTimeout(() => this.settleControl(), altGrWithin);
      return;
    }
    // macOS tells that CapsLock is on and off, not that its key goes down and up.
    if (this.mac && event.code === "CapsLock") this.tap([code]);
    else this.press(code);
  }

  up(event: KeyboardEvent): void {
    event.preventDefault();
    this.settleControl();
    const code = keyCodes[event.code];
    if (code === undefined) return;
    if (this.mac && event.code === "CapsLock") this.tap([code]);
    else this.release(code);
    // macOS tells no release of a key that went up while Meta was held.
    if (event.key === "Meta") this.gate.pass(() => this.releaseHeld());
  }

  pasted(event: ClipboardEvent): void {
    if (!this.paste || document.activeElement !== this.config.stage) return;
    event.preventDefault();
    this.paste(event.clipboardData?.getData("text/plain") || undefined);
  }

  followLocks(event: KeyboardEvent | PointerEvent): void {
    const [caps, num] = [event.getModifierState("CapsLock"), event.getModifierState("NumLock")];
    const locks = `${caps} ${num}`;
    if (locks === this.locks) return;
    this.locks = locks;
    this.config.onLocks(caps, num);
  }

  releaseAll(): void {
    this.dropControl();
    this.gate.clear();
    this.releaseHeld();
  }

  private releaseHeld(): void {
    const { state, sender } = this.config;
    if (state.releaseKeys()) sender.changed();
  }

  private press(code: number): void {
    const { state, sender } = this.config;
    this.gate.pass(() => {
      if (state.press(code)) sender.changed();
    });
  }

  private release(code: number): void {
    const { state, sender } = this.config;
    this.gate.pass(() => {
      if (state.release(code)) sender.changed();
    });
  }

  /** Presses codes in their order, and releases them. */
  private tap(codes: number[]): void {
    for (const code of codes) this.press(code);
    for (const code of codes.toReversed()) this.release(code);
  }

  private settleControl(): void {
    if (this.control === undefined) return;
    this.dropControl();
    this.press(keyCodes.ControlLeft ?? 0);
  }

  private dropControl(): void {
    clearTimeout(this.control);
    this.control = undefined;
  }

  /** Has the game's clipboard hold the text before it gets the keys; what else is pressed waits too. */
  private async pasteThen(event: KeyboardEvent): Promise<void> {
    this.settleControl();
    this.gate.shut();
    const { code, metaKey } = event;
    // What Meta is on a Mac, Control is to the game.
    if (metaKey) this.gate.pass(() => this.releaseHeld());
    if (metaKey) this.tap([keyCodes.ControlLeft ?? 0, keyCodes[code] ?? 0]);
    else this.press(keyCodes[code] ?? 0);
    const text = await new Promise<string | undefined>((resolve) => {
      this.paste = resolve;
      setTimeout(() => resolve(undefined), pasteWithin);
    });
    this.paste = undefined;
    if (text !== undefined) await this.config.onPaste(text).catch(() => undefined);
    this.gate.open();
  }
}
