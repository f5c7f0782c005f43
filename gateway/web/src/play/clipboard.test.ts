import { expect, test } from "vitest";
import { ClipboardReader, longestText, sendClipboard, split } from "./clipboard";

/** A data channel on which the worker answers what it is told to. */
class Channel extends EventTarget {
  readyState = "open";
  readonly sent: { text: string; more: boolean }[] = [];

  constructor(private readonly word: string) {
    super();
  }

  send(text: string): void {
    const message = JSON.parse(text) as { text: string; more: boolean };
    this.sent.push(message);
    const data = JSON.stringify({ type: "clipboard", taken: this.word });
    if (!message.more) queueMicrotask(() => this.dispatchEvent(Object.assign(new Event("message"), { data })));
  }
}

const text = "Grüße 日本 😀\n".repeat(5_000);

test("a text goes in parts that are whole characters, and comes together again", () => {
  const parts = split(text);
  expect(parts.length).toBeGreaterThan(5);
  expect(parts.join("")).toBe(text);
  for (const part of parts) {
    expect(() => encodeURIComponent(part)).not.toThrow(); // as half a character would
    expect(new TextEncoder().encode(JSON.stringify(part)).length).toBeLessThan(60_000);
  }
  expect(split("")).toEqual([""]);
  const reader = new ClipboardReader();
  const read = parts.map((part, i) => reader.take(part, i < parts.length - 1));
  expect(read.at(-1)).toBe(text);
  expect(read.slice(0, -1).every((each) => each === undefined)).toBe(true);
});

test("the worker's word is awaited", async () => {
  for (const word of ["taken", "refused"] as const) {
    const channel = new Channel(word);
    expect(await sendClipboard(channel as unknown as RTCDataChannel, text)).toBe(word);
    expect(channel.sent.map((each) => each.text).join("")).toBe(text);
    expect(channel.sent.map((each) => each.more).indexOf(false)).toBe(channel.sent.length - 1);
  }
});

test("what is too long is not sent", async () => {
  const channel = new Channel("taken");
  const long = "é".repeat(longestText / 2) + "!";
  expect(await sendClipboard(channel as unknown as RTCDataChannel, long)).toBe("too-long");
  expect(channel.sent).toEqual([]);
});
