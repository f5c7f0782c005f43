import { useEffect, useState } from "react";
import { detectLayout, layouts, nameOf, type Layout } from "../input/layouts";
import { readControl } from "./control";
import type { Peer } from "./peer";
import { say } from "./say";

/** The Keyboard Map API, which TypeScript does not know (WICG keyboard-map). */
interface KeyboardMap {
  getLayoutMap?: () => Promise<ReadonlyMap<string, string>>;
}

const remembered = "playcast.keyboard";
const automatic = "";
/** A worker that has not taken the layout by then is played with the one it has. */
const takenWithin = 1_500;

export interface Keyboard {
  /** What the player has chosen, by its name; empty: what the browser tells. */
  choice: string;
  choose: (name: string) => void;
  detected: Layout;
  /** Keys mean in the game what they mean to the player, or never will. */
  ready: boolean;
}

/** Has the game's keyboard be the player's. */
export function useKeyboard(peer: Peer | null): Keyboard {
  const [choice, setChoice] = useState(() => localStorage.getItem(remembered) ?? automatic);
  const [detected, setDetected] = useState<Layout>(() => detectLayout(undefined, navigator.languages));
  const [known, setKnown] = useState(false);
  const [readyFor, setReadyFor] = useState<Peer | null>(null);
  const layout = layouts.find((each) => nameOf(each) === choice) ?? detected;

  useEffect(() => {
    const look = () => void detect().then(setDetected).finally(() => setKnown(true));
    look();
    window.addEventListener("focus", look); // it may have been changed meanwhile
    return () => window.removeEventListener("focus", look);
  }, []);
  useEffect(() => {
    if (!peer || !known) return;
    const settle = () => setReadyFor(peer);
    const hear = ({ data }: MessageEvent) => readControl(data)?.type === "keyboard" && settle();
    const late = setTimeout(settle, takenWithin);
    peer.control.addEventListener("message", hear);
    say(peer.control, { type: "keyboard", layout: layout.layout, variant: layout.variant });
    return () => {
      clearTimeout(late);
      peer.control.removeEventListener("message", hear);
    };
  }, [peer, known, layout]);

  const choose = (name: string) => {
    localStorage.setItem(remembered, name);
    setChoice(name);
  };
  return { choice, choose, detected, ready: peer !== null && readyFor === peer };
}

async function detect(): Promise<Layout> {
  const { keyboard } = navigator as Navigator & { keyboard?: KeyboardMap };
  // A browser that has the interface may still refuse it, as in a frame.
  const keys = await keyboard?.getLayoutMap?.().catch(() => undefined);
  return detectLayout(keys, navigator.languages);
}
