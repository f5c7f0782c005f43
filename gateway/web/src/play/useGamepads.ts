import { useEffect, useRef, useState } from "react";
import { captureGamepads, noPads, rumble, type PadsSeen } from "../input/gamepads";
import { InputSender } from "../input/sender";
import { readControl } from "./control";
import type { Peer } from "./peer";
import { stateOf } from "./useCapture";

/** The player's gamepads, and which players they are in the game. */
export interface Gamepads {
  seen: PadsSeen;
  /** By the page's numbers: 1 to 4, 0: not in the game. */
  places: number[];
}

/** Plays the player's gamepads while `playing`, and shakes them as the game wants. */
export function useGamepads(peer: Peer | null, playing: boolean): Gamepads {
  const [seen, setSeen] = useState(noPads);
  const [places, setPlaces] = useState<number[]>([]);
  const played = useRef(noPads.played);
  played.current = seen.played;
  useEffect(() => {
    if (!peer || !playing) return;
    const state = stateOf(peer.input);
    const sender = new InputSender(peer.input, state, (sequence, at) => peer.delay.sent(sequence, at));
    return captureGamepads({ state, sender, seen: setSeen });
  }, [peer, playing]);
  useEffect(() => {
    if (!peer) return;
    const hear = ({ data }: MessageEvent) => {
      const message = readControl(data);
      if (message?.type === "pads") setPlaces(message.places);
      if (message?.type !== "rumble") return;
      const index = played.current[message.pad];
      if (index !== undefined) rumble(index, message.strong, message.weak, message.ms);
    };
    peer.control.addEventListener("message", hear);
    return () => {
      peer.control.removeEventListener("message", hear);
      setPlaces([]);
    };
  }, [peer]);
  return { seen, places };
}
