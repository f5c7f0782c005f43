import { useEffect, useState, type RefObject } from "react";
import { figuresOf, sampleOf, type Figures, type Sample } from "./figures";
import type { Peer } from "./peer";

const showEvery = 1_000;
/** The worker sums what the player sees into windows of this length. */
const reportEvery = 5_000;

/** Watches a connection: figures for the player each second, a report for the worker each five. */
export function useFigures(peer: Peer | null, video: RefObject<HTMLVideoElement | null>): Figures | null {
  const [figures, setFigures] = useState<Figures | null>(null);
  useEffect(() => {
    if (!peer) return;
    let shown: Sample | undefined;
    let reported: Sample | undefined;
    const times = decodeTimes(video.current);
    const look = async () => {
      const now = sampleOf((await peer.connection.getStats()).values(), performance.now());
      if (shown) setFigures(figuresOf(shown, now));
      shown = now;
      reported ??= now;
      if (now.at - reported.at < reportEvery - showEvery / 2) return;
      sendReport(peer.control, figuresOf(reported, now), times.median());
      reported = now;
    };
    const timer = setInterval(() => void look().catch(() => undefined), showEvery);
    return () => {
      clearInterval(timer);
      times.stop();
      setFigures(null);
    };
  }, [peer, video]);
  return figures;
}

function sendReport(control: RTCDataChannel, figures: Figures, decodeMs: number): void {
  if (control.readyState !== "open") return;
  control.send(
    JSON.stringify({
      type: "report",
      framesSeen: figures.fps,
      framesDropped: figures.dropped,
      freezes: figures.freezes,
      decodeMs: decodeMs || figures.decodeMs,
      roundTripMs: figures.roundTripMs,
    }),
  );
}

/** Collects how long each frame took from its last packet to its picture. */
function decodeTimes(video: HTMLVideoElement | null) {
  let times: number[] = [];
  let handle = 0;
  const next = () => {
    handle =
      video?.requestVideoFrameCallback((_, { processingDuration }) => {
        if (processingDuration !== undefined) times.push(processingDuration * 1000);
        next();
      }) ?? 0;
  };
  next();
  return {
    /** The median since the last call, 0 if nothing was decoded. */
    median(): number {
      const sorted = times.sort((a, b) => a - b);
      times = [];
      return sorted[sorted.length >> 1] ?? 0;
    },
    stop: () => video?.cancelVideoFrameCallback(handle),
  };
}
