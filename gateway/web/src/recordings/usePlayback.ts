import { useEffect, useState, type RefObject } from "react";
import { useServices } from "../services";

/** Plays a recording's HLS into a video; answers what went wrong, if something did. */
export function usePlayback(video: RefObject<HTMLVideoElement | null>, recording: string): Error | null {
  const { auth } = useServices();
  const [failure, setFailure] = useState<Error | null>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    setFailure(null);
    let ended = false;
    let stop = () => {};
    // The player is large, and most pages do without.
    void import("hls.js").then(
      ({ default: Hls }) => {
        if (ended) return;
        if (!Hls.isSupported()) {
          setFailure(new Error("This browser can't play recordings in the page. Download it instead."));
          return;
        }
        const hls = new Hls({
          enableWorker: false, // the page's policy lets no worker be made of text
          maxBufferLength: 20,
          startPosition: 0,
          xhrSetup: async (request, url) => {
            const token = await auth.token();
            request.open("GET", url, true);
            request.setRequestHeader("Authorization", `Bearer ${token}`);
          },
        });
        hls.on(Hls.Events.ERROR, (_, { fatal, type, details }) => {
          if (!fatal) return;
          if (type === Hls.ErrorTypes.MEDIA_ERROR && details !== Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
            hls.recoverMediaError();
            return;
          }
          setFailure(new Error(`The recording can't be played (${details}). Reload the page, or download it.`));
          hls.stopLoad();
        });
        hls.loadSource(`/v1/recordings/${recording}/index.m3u8`);
        hls.attachMedia(element);
        stop = () => hls.destroy();
      },
      () => setFailure(new Error("The player could not be loaded. Reload the page.")),
    );
    return () => {
      ended = true;
      stop();
    };
  }, [auth, recording, video]);
  return failure;
}
