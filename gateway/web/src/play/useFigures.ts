import { useEffect, useState } from "react";
import { figuresOf, reportOf, sampleOf, type Figures, type Sample } from "./figures";
import type { Peer } from "./peer";

const showEvery = 1_000;
/** The worker sums what the player sees into windows of 5 s: each gets a few reports. */
const reportEvery = 2_000;

/** Watches a connection: figures for the player each second, totals for the worker each other one. */
export function useFigures(peer: Peer | null): Figures | null {
  const [figures, setFigures] = useState<Figures | null>(null);
  useEffect(() => {
    if (!peer) return;
    let shown: Sample | undefined;
    let reportedAt = 0;
    const look = async () => {
      const now = sampleOf((await peer.connection.getStats()).values(), performance.now());
      const delay = peer.delay.percentiles();
      if (shown) setFigures(figuresOf(shown, now, delay));
      shown = now;
      if (now.at - reportedAt < reportEvery - showEvery / 2) return;
      sendReport(peer.control, reportOf(now, delay));
      reportedAt = now.at;
    };
    const timer = setInterval(() => void look().catch(() => undefined), showEvery);
    return () => {
      clearInterval(timer);
      setFigures(null);
    };
  }, [peer]);
  return figures;
}

/** Sends running totals: a report that is lost costs detail, and never truth. */
function sendReport(control: RTCDataChannel, report: object): void {
  if (control.readyState === "open") control.send(JSON.stringify(report));
}
