import { readControl } from "./control";
import { say } from "./say";

/** The longest text that goes to or comes from the game, in bytes of UTF-8. */
export const longestText = 1 << 20;
/** So much of it goes into one message, in UTF-16 units: with every escape that fits into 64 KiB. */
const chunk = 8_192;
/** A worker that has not taken a text by then has the keys without it. */
const takenWithin = 1_000;

/** What became of a text for the game's clipboard. */
export type Taken = "taken" | "too-long" | "refused";

/** Gives the game's clipboard a text, and waits for the worker's word, but not for ever. */
export async function sendClipboard(control: RTCDataChannel, text: string): Promise<Taken> {
  if (new TextEncoder().encode(text).length > longestText) return "too-long";
  if (control.readyState !== "open") return "refused";
  const word = heard(control, takenWithin);
  const parts = split(text);
  parts.forEach((part, i) => say(control, { type: "clipboard", text: part, more: i < parts.length - 1 }));
  return word;
}

function heard(control: RTCDataChannel, within: number): Promise<Taken> {
  return new Promise((resolve) => {
    const settle = (taken: Taken) => {
      clearTimeout(late);
      control.removeEventListener("message", hear);
      resolve(taken);
    };
    const hear = ({ data }: MessageEvent) => {
      const message = readControl(data);
      if (message?.type === "clipboard-word") settle(message.taken);
    };
    const late = setTimeout(() => settle("refused"), within);
    control.addEventListener("message", hear);
  });
}

/** Cuts a text into parts, none of which ends within a character. */
export function split(text: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length || parts.length === 0; ) {
    let end = Math.min(start + chunk, text.length);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last < 0xdc00) end--;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}

/** Puts together what the worker tells of the game's clipboard; answers the text when it is whole. */
export class ClipboardReader {
  private text = "";

  take(part: string, more: boolean): string | undefined {
    this.text += part;
    if (this.text.length > longestText) this.text = ""; // the worker sends no such text
    if (more) return undefined;
    const whole = this.text;
    this.text = "";
    return whole;
  }
}
