import { useEffect, useRef, useState, type RefObject } from "react";
import { captureInput } from "../input/capture";
import { InputSender } from "../input/sender";
import { InputState } from "../input/state";
import type { Peer } from "./peer";
import { say } from "./say";

/** What the game holds: nothing, the keyboard, or the locked pointer too. */
export type Hold = "free" | "focused" | "locked";

interface CaptureParts {
  /** Null while input would go nowhere. */
  peer: Peer | null;
  pad: RefObject<HTMLElement | null>;
  video: RefObject<HTMLVideoElement | null>;
  bar: RefObject<HTMLElement | null>;
  relative: boolean;
  /** Gives the game a text that it can paste. */
  paste: (text: string) => Promise<void>;
}

/** The states live as long as the data channels that they are sent on. */
const states = new WeakMap<RTCDataChannel, InputState>();

/** The state that is told on a channel, by whatever takes the player's input. */
export function stateOf(channel: RTCDataChannel): InputState {
  const state = states.get(channel) ?? new InputState();
  states.set(channel, state);
  return state;
}

/** Sends the player's input to the peer, and says what the game holds. */
export function useCapture({ peer, pad, video, bar, relative, paste }: CaptureParts): Hold {
  const pasteNow = useRef(paste);
  useEffect(() => {
    pasteNow.current = paste;
  });
  const [hold, setHold] = useState<Hold>("free");
  useEffect(() => {
    const stage = pad.current;
    const picture = video.current;
    if (!peer || !stage || !picture) return;
    const state = stateOf(peer.input);
    const release = captureInput({
      stage,
      video: picture,
      state,
      sender: new InputSender(peer.input, state, (sequence, at) => peer.delay.sent(sequence, at)),
      relative,
      onLeave: () => bar.current?.querySelector("button")?.focus(),
      onLocks: (caps, num) => say(peer.control, { type: "locks", caps, num }),
      onPaste: (text) => pasteNow.current(text),
    });
    const stop = followHold(stage, setHold);
    stage.focus({ preventScroll: true });
    return () => {
      stop();
      release();
      setHold("free");
    };
  }, [peer, pad, video, bar, relative]);
  return hold;
}

function followHold(stage: HTMLElement, report: (hold: Hold) => void): () => void {
  const look = () => {
    if (document.pointerLockElement === stage) report("locked");
    else report(document.activeElement === stage ? "focused" : "free");
  };
  const events = ["focusin", "focusout", "pointerlockchange"] as const;
  const later = () => queueMicrotask(look); // focusout comes before the focus has moved
  for (const event of events) document.addEventListener(event, later);
  look();
  return () => {
    for (const event of events) document.removeEventListener(event, later);
  };
}
