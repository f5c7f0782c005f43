import { useEffect, useState, type RefObject } from "react";
import type { Peer } from "./peer";

const remembered = "playcast.muted";

export interface Sound {
  muted: boolean;
  setMuted: (muted: boolean) => void;
}

/** Plays a peer's sound in the audio element, unless the player wants none, now or the last time. */
export function useSound(peer: Peer | null, audio: RefObject<HTMLAudioElement | null>): Sound {
  const [muted, setMuted] = useState(() => localStorage.getItem(remembered) === "true");
  useEffect(() => localStorage.setItem(remembered, String(muted)), [muted]);
  useEffect(() => {
    const element = audio.current;
    if (!element || !peer) return;
    const stop = new AbortController();
    element.srcObject = peer.sound;
    // A browser may refuse sound before the player has touched the page, as
    // after a reload: then the first key or click brings it.
    const play = () => element.play().then(() => stop.abort(), () => undefined);
    for (const touch of ["keydown", "pointerdown"]) {
      document.addEventListener(touch, () => void play(), { capture: true, signal: stop.signal });
    }
    void play();
    return () => {
      stop.abort();
      element.srcObject = null;
    };
  }, [peer, audio]);
  return { muted, setMuted };
}
