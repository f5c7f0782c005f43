import { useEffect, useState } from "react";
import type { Peer } from "./peer";

export interface Microphone {
  on: boolean;
  /** Why it can't be on, for the player; "" for nothing. */
  problem: string;
  toggle: () => void;
}

/**
 * Lets the game hear the player, who turns it on anew in each session: the
 * browser asks for leave, and shows that it is on.
 */
export function useMicrophone(peer: Peer | null): Microphone {
  const [on, setOn] = useState(false);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!on || !peer) return;
    const stop = new AbortController();
    const release = async () => {
      const track = peer.voice.track;
      track?.stop();
      await peer.voice.replaceTrack(null);
    };
    const speak = async () => {
      const track = await openMicrophone();
      if (stop.signal.aborted) return track.stop();
      track.addEventListener("ended", () => setOn(false), { signal: stop.signal });
      await peer.voice.replaceTrack(track);
    };
    speak().catch((error: unknown) => {
      setProblem(refusal(error));
      setOn(false);
    });
    return () => {
      stop.abort();
      void release().catch(() => undefined); // the connection has ended
    };
  }, [on, peer]);
  return {
    on,
    problem,
    toggle: () => {
      setProblem("");
      setOn(!on);
    },
  };
}

async function openMicrophone(): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
  });
  const [track] = stream.getAudioTracks();
  if (!track) throw new DOMException("none", "NotFoundError");
  return track;
}

function refusal(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "The browser may not use the microphone. Allow it in the page's permissions.";
  if (name === "NotFoundError") return "There is no microphone.";
  return "The microphone can't be used.";
}
