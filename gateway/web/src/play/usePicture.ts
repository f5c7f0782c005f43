import { useEffect, useState, type RefObject } from "react";
import type { Peer } from "./peer";

/**
 * Shows a peer's picture in the video element, and tells the peer's delay of
 * each frame; answers whether one has been drawn.
 */
export function usePicture(peer: Peer | null, video: RefObject<HTMLVideoElement | null>): boolean {
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (!element || !peer) return;
    element.srcObject = peer.picture;
    let handle = 0;
    const frame: VideoFrameRequestCallback = (_, { rtpTimestamp, expectedDisplayTime }) => {
      handle = element.requestVideoFrameCallback(frame);
      if (rtpTimestamp !== undefined) peer.delay.presented(rtpTimestamp, expectedDisplayTime);
      setDrawn(true);
    };
    handle = element.requestVideoFrameCallback(frame);
    // Muted video may always play; a rejection only says that the source changed.
    void element.play().catch(() => undefined);
    return () => {
      element.cancelVideoFrameCallback(handle);
      element.srcObject = null;
      setDrawn(false);
    };
  }, [peer, video]);
  return drawn;
}
