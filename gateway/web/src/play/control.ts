import { maxPads } from "../input/state";

/** The look of the game's pointer; null where the game shows none. */
export type Cursor = { hotX: number; hotY: number; png: string } | null;

/** What whoever is at this page may do. */
export interface Seat {
  role: "host" | "guest" | "spectator";
  /** And the mouse. */
  keyboard: boolean;
  pads: number;
}

/** Who is connected: the host and guests by their ids, and how many watch; whether it is recorded, and paused. */
export interface Here {
  players: string[];
  watching: number;
  recorded: boolean;
  paused: boolean;
}

/** What the worker says on the control channel. */
export type ControlMessage =
  /** Another page took the session over. */
  | { type: "replaced" }
  /** Input message `seq` was played; the frame of RTP time `rtp` is the first that can show it. */
  | { type: "injected"; seq: number; rtp: number }
  | { type: "cursor"; cursor: Cursor }
  /** The host, or a withdrawn invitation, took the seat. */
  | { type: "removed" }
  | { type: "seat"; seat: Seat }
  | { type: "people"; here: Here }
  /** Whether the game gives signs of life. */
  | { type: "game"; answering: boolean }
  /** Which player in the game each of the page's gamepads is, 1 to 4; 0: none. */
  | { type: "pads"; places: number[] }
  /** The page's gamepad `pad` shakes for `ms`, each motor as strongly as 0 to 1 says. */
  | { type: "rumble"; pad: number; strong: number; weak: number; ms: number }
  /** The game's keyboard has this layout now. */
  | { type: "keyboard"; layout: string; variant: string }
  /** A part of the text that the game has copied. */
  | { type: "clipboard"; text: string; more: boolean }
  /** The game has copied a text that is too long to be told. */
  | { type: "clipboard-long" }
  /** What became of the text that this page has sent. */
  | { type: "clipboard-word"; taken: "taken" | "too-long" | "refused" };

/** Chromium takes no larger pointer than this. */
const maxCursor = 128;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Reads a message; null for one that this page does not know. */
export function readControl(data: unknown): ControlMessage | null {
  const message = parse(data);
  switch (message.type) {
    case "replaced":
      return { type: "replaced" };
    case "injected":
      if (!isUint32(message.seq) || !isUint32(message.rtp)) return null;
      return { type: "injected", seq: message.seq, rtp: message.rtp };
    case "cursor":
      return readCursor(message);
    case "removed":
      return { type: "removed" };
    case "seat":
      return readSeat(message);
    case "people":
      return readHere(message);
    case "game":
      return typeof message.answering === "boolean" ? { type: "game", answering: message.answering } : null;
    case "pads":
      return readPads(message);
    case "rumble":
      return readRumble(message);
    case "keyboard":
      if (typeof message.layout !== "string" || typeof message.variant !== "string") return null;
      return { type: "keyboard", layout: message.layout, variant: message.variant };
    case "clipboard":
      return readClipboard(message);
    default:
      return null;
  }
}

function readClipboard({ text, more, copied, taken }: Record<string, unknown>): ControlMessage | null {
  if (copied === "too-long") return { type: "clipboard-long" };
  if (taken === "taken" || taken === "too-long" || taken === "refused") return { type: "clipboard-word", taken };
  if (typeof text !== "string") return null;
  return { type: "clipboard", text, more: more === true };
}

function readCursor({ visible, hotX, hotY, png }: Record<string, unknown>): ControlMessage | null {
  if (visible === false) return { type: "cursor", cursor: null };
  if (!isPlace(hotX) || !isPlace(hotY) || typeof png !== "string" || !base64.test(png)) return null;
  return { type: "cursor", cursor: { hotX, hotY, png } };
}

function readSeat({ role, keyboard, pads }: Record<string, unknown>): ControlMessage | null {
  if (role !== "host" && role !== "guest" && role !== "spectator") return null;
  if (typeof keyboard !== "boolean" || !isUint32(pads)) return null;
  return { type: "seat", seat: { role, keyboard, pads } };
}

function readHere({ here, watching, recorded = false, paused = false }: Record<string, unknown>): ControlMessage | null {
  const players: unknown = here ?? []; // nobody is null
  if (!Array.isArray(players) || !players.every((player) => typeof player === "string") || !isUint32(watching)) return null;
  if (typeof recorded !== "boolean" || typeof paused !== "boolean") return null;
  return { type: "people", here: { players, watching, recorded, paused } };
}

function readPads({ places }: Record<string, unknown>): ControlMessage | null {
  if (!Array.isArray(places) || places.length !== maxPads || !places.every(isUint32)) return null;
  return { type: "pads", places };
}

function readRumble({ pad, strong, weak, ms }: Record<string, unknown>): ControlMessage | null {
  if (!isUint32(pad) || pad >= maxPads || !isPart(strong) || !isPart(weak) || !isUint32(ms)) return null;
  return { type: "rumble", pad, strong, weak, ms };
}

/** The CSS of a pointer that the browser draws itself, and so without delay. */
export function cursorStyle(cursor: Cursor | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  if (cursor === null) return "none";
  return `url(data:image/png;base64,${cursor.png}) ${cursor.hotX} ${cursor.hotY}, default`;
}

function isUint32(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

function isPart(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}

function isPlace(value: unknown): value is number {
  return isUint32(value) && value < maxCursor;
}

function parse(data: unknown): Record<string, unknown> {
  try {
    const message: unknown = JSON.parse(String(data));
    return typeof message === "object" && message !== null ? (message as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
