import { useEffect, useState } from "react";
import { ClipboardReader, sendClipboard } from "./clipboard";
import { readControl } from "./control";
import type { Peer } from "./peer";

/** What is to be said of the clipboard now. */
export type ClipboardNews =
  | { what: "copied" }
  /** The browser wants a click before it takes the text. */
  | { what: "offered"; text: string }
  /** The player's text. */
  | { what: "too-long" }
  /** The game's. */
  | { what: "copied-too-long" };

export interface Clipboard {
  news: ClipboardNews | null;
  /** Gives the game a text to paste. */
  paste: (text: string) => Promise<void>;
  /** Takes the game's text by the player's click. */
  copy: (text: string) => void;
  dismiss: () => void;
}

const newsFor = 6_000;

/** Keeps the clipboards of the player and of the game the same, as far as the browser lets it. */
export function useClipboard(peer: Peer | null): Clipboard {
  const [news, setNews] = useState<ClipboardNews | null>(null);
  useEffect(() => {
    if (!peer) return;
    const reader = new ClipboardReader();
    const hear = ({ data }: MessageEvent) => {
      const message = readControl(data);
      if (message?.type === "clipboard-long") setNews({ what: "copied-too-long" });
      if (message?.type !== "clipboard") return;
      const text = reader.take(message.text, message.more);
      if (text) void write(text).then(setNews);
    };
    peer.control.addEventListener("message", hear);
    return () => {
      peer.control.removeEventListener("message", hear);
      setNews(null);
    };
  }, [peer]);
  useEffect(() => {
    if (!news || news.what === "offered") return;
    const timer = setTimeout(() => setNews(null), newsFor);
    return () => clearTimeout(timer);
  }, [news]);
  return {
    news,
    paste: async (text) => {
      if (peer && (await sendClipboard(peer.control, text)) === "too-long") setNews({ what: "too-long" });
    },
    copy: (text) => void write(text).then(setNews),
    dismiss: () => setNews(null),
  };
}

async function write(text: string): Promise<ClipboardNews> {
  try {
    await navigator.clipboard.writeText(text);
    return { what: "copied" };
  } catch {
    return { what: "offered", text };
  }
}
