import { captureKeyboard, type KeyboardConfig } from "./keyboard";
import { buttonCodes } from "./keys";
import { contentBox, type Box } from "./picture";
import type { InputSender } from "./sender";
import type { InputState } from "./state";
import { Touch, type Hand } from "./touch";

/** What a page does with the player's input beside sending it. */
export interface CaptureConfig extends KeyboardConfig {
  video: HTMLVideoElement;
  /** The game wants motion, so a click locks the pointer. */
  relative: boolean;
}

/**
 * Takes the player's keyboard and mouse from the stage until the function that
 * it returns is called. Everything held is released when the stage loses the
 * focus, the page is hidden or the capture ends.
 */
export function captureInput(config: CaptureConfig): () => void {
  const ended = new AbortController();
  const { state, sender, stage } = config;
  state.mode = config.relative ? "relative" : "absolute";
  const releaseAll = captureKeyboard(config, ended.signal);
  capturePointer(config, ended.signal);
  const listen = { signal: ended.signal };
  stage.addEventListener("blur", releaseAll, listen);
  window.addEventListener("blur", releaseAll, listen);
  document.addEventListener("pointerlockchange", () => isLocked(stage) || releaseAll(), listen);
  document.addEventListener("visibilitychange", () => document.hidden && releaseAll(), listen);
  return () => {
    ended.abort();
    releaseAll();
    sender.stop();
    if (isLocked(stage)) document.exitPointerLock();
  };
}

function isLocked(stage: HTMLElement): boolean {
  return document.pointerLockElement === stage;
}

function capturePointer(config: CaptureConfig, signal: AbortSignal): void {
  const { stage, state, sender, relative } = config;
  const raw = "onpointerrawupdate" in stage;
  let box: Box | undefined;
  const measure = () => {
    box = contentBox(stage.getBoundingClientRect(), config.video);
  };
  const place = (x: number, y: number) => {
    if (box) state.place((x - box.x) / box.width, (y - box.y) / box.height);
  };
  const touch = new Touch(touchingHand(config, place), relative);
  signal.addEventListener("abort", () => touch.cancel());
  const follow = (event: PointerEvent, moves: boolean) => {
    if (event.pointerType === "touch") {
      if (moves) touch.move(event.pointerId, event.clientX, event.clientY);
      return;
    }
    if (relative && !isLocked(stage)) return;
    if (relative && moves) state.move(event.movementX, event.movementY);
    if (!relative) {
      if (!box || event.type === "pointerdown") measure();
      place(event.clientX, event.clientY);
    }
    if (!followButtons(event.buttons, state, sender) && moves) sender.moved();
  };
  const on = { signal };
  // pointerrawupdate comes at the mouse's own rate, pointermove once a frame.
  if (raw) stage.addEventListener("pointerrawupdate", (e) => follow(e as PointerEvent, true), on);
  stage.addEventListener("pointermove", (event) => follow(event, !raw), on);
  stage.addEventListener(
    "pointerdown",
    (event) => {
      event.preventDefault();
      stage.focus({ preventScroll: true });
      if (event.pointerType === "touch") {
        measure();
        stage.setPointerCapture(event.pointerId);
        touch.down(event.pointerId, event.clientX, event.clientY);
        return;
      }
      if (relative && !isLocked(stage)) void lockPointer(stage);
      else if (!relative) stage.setPointerCapture(event.pointerId);
      follow(event, false);
    },
    on,
  );
  for (const end of ["pointerup", "pointercancel"] as const) {
    stage.addEventListener(
      end,
      (event) => {
        if (event.pointerType !== "touch") follow(event, false);
        else if (end === "pointerup") touch.up(event.pointerId);
        else touch.cancel();
      },
      on,
    );
  }
  stage.addEventListener("contextmenu", (event) => event.preventDefault(), on);
  stage.addEventListener("wheel", (event) => turn(event, state, sender), { signal, passive: false });
  window.addEventListener("resize", () => (box = undefined), on);
  window.addEventListener("scroll", () => (box = undefined), on);
  document.addEventListener("fullscreenchange", () => (box = undefined), on);
}

/** Plays what fingers do. */
function touchingHand({ state, sender }: CaptureConfig, place: (x: number, y: number) => void): Hand {
  return {
    place: (x, y) => {
      place(x, y);
      sender.moved();
    },
    move: (dx, dy) => {
      state.move(dx, dy);
      sender.moved();
    },
    turn: (x, y) => {
      state.turn(x, y);
      sender.changed();
    },
    press: (button) => {
      if (state.press(button)) sender.changed();
    },
    release: (button) => {
      if (state.release(button)) sender.changed();
    },
  };
}

/** Tells what differs between the buttons that are down and those held; false if nothing. */
function followButtons(down: number, state: InputState, sender: InputSender): boolean {
  let changed = false;
  buttonCodes.forEach((code, bit) => {
    const different = down & (1 << bit) ? state.press(code) : state.release(code);
    if (!different) return;
    changed = true;
    sender.changed();
  });
  return changed;
}

/** Wheel units a notch: browsers give pixels (about 100 a notch), lines (3) or pages (1). */
const perUnit = [1.2, 40, 120] as const;

function turn(event: WheelEvent, state: InputState, sender: InputSender): void {
  event.preventDefault();
  const unit = perUnit[event.deltaMode] ?? 1.2;
  state.turn(event.deltaX * unit, event.deltaY * unit);
  sender.changed();
}

/** Locks the pointer, with the mouse's own motion where the system can give it. */
async function lockPointer(stage: HTMLElement): Promise<void> {
  try {
    await stage.requestPointerLock({ unadjustedMovement: true });
  } catch {
    // Refused with that option, or altogether (as just after Esc): the hint
    // stays, and the next click tries again.
    await Promise.resolve(stage.requestPointerLock()).catch(() => undefined);
  }
}
