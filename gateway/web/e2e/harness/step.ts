import type { Page } from "playwright-core";

/** The connections of the pages to come, kept where buffersOf finds them. */
const keepConnections = `
  const Original = RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Original {
    constructor(...args) { super(...args); window.connections.push(this); }
  };
`;

/** Where sound waits in the browser, ms. */
export interface Buffers {
  jitterBuffer: number; // mean of a sample
  target: number; // that the browser wants to hold
  jitter: number; // of how the packets come
}

/** As Chromium has it: the samples of a track, in pieces. */
declare class MediaStreamTrackProcessor {
  constructor(init: { track: MediaStreamTrack | undefined });
  readonly readable: ReadableStream<AudioData>;
}

/** What a page saw and heard of one press: page's clock, ms, where the eye is and where the sound leaves the track. */
export interface Step {
  inputs: number;
  shown: number;
  heard: number;
  frequency: number; // Hz
}

/** Keeps the connections of the pages to come, for buffersOf. */
export async function keepConnectionsOf(page: Page): Promise<void> {
  await page.addInitScript(keepConnections);
}

/** Begins to watch and listen; steps() takes what has been found since. */
export async function watchSteps(page: Page): Promise<() => Promise<Step[]>> {
  await page.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>('[data-testid="video"]');
    const audio = document.querySelector<HTMLAudioElement>('[data-testid="audio"]');
    if (!video || !audio) throw new Error("the page shows no game");
    const seen: { inputs: number; at: number }[] = [];
    const heard: { at: number; frequency: number }[] = [];
    Object.assign(window, { seen, heard });

    // Samples as they leave the track: no buffer of the page's own is measured.
    const [track] = (audio.srcObject as MediaStream).getAudioTracks();
    const { readable } = new MediaStreamTrackProcessor({ track });
    const listen = async () => {
      let began = -1; // time of the beep that is being heard; -1: there is none
      let silent = 0;
      let last = 0;
      let count = 0; // of samples
      let crossings: number[] = []; // of zero, upwards, in samples
      for (const reader = readable.getReader(); ; ) {
        const { value, done } = await reader.read();
        if (done) return;
        const end = performance.now();
        const samples = new Float32Array(value.numberOfFrames);
        value.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
        const step = 1000 / value.sampleRate;
        value.close();
        samples.forEach((now, i) => {
          const at = end - (samples.length - i) * step;
          const loud = Math.abs(now) > 0.02;
          if (began < 0 && loud && silent > 100) [began, crossings] = [at, []];
          count++;
          if (last < 0 && now >= 0) crossings.push(count - now / (now - last));
          if (began >= 0 && at - began > 40) {
            const periods = crossings.length - 1;
            const frequency = (1000 * periods) / step / ((crossings.at(-1) ?? 0) - (crossings[0] ?? 0));
            heard.push({ at: began, frequency });
            began = -1;
          }
          silent = loud ? 0 : silent + step;
          last = now;
        });
      }
    };
    void listen();

    // The lower row of the Latency Lab's top strip: the count of presses, 32 blocks.
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    if (!pen) throw new Error("the browser gives no canvas");
    let last = -1;
    const frame: VideoFrameRequestCallback = (_, { expectedDisplayTime }) => {
      video.requestVideoFrameCallback(frame);
      canvas.width = video.videoWidth;
      canvas.height = Math.ceil((video.videoHeight * 2) / 45);
      pen.drawImage(video, 0, 0);
      const { data, width } = pen.getImageData(0, Math.floor(canvas.height * 0.75), canvas.width, 1);
      let inputs = 0;
      for (let bit = 0; bit < 32; bit++) {
        const white = (data[4 * Math.floor((width * (bit + 0.5)) / 40) + 1] ?? 0) > 127;
        inputs = inputs * 2 + Number(white);
      }
      if (inputs !== last) seen.push({ inputs, at: expectedDisplayTime });
      last = inputs;
    };
    video.requestVideoFrameCallback(frame);
  });
  return () => page.evaluate(pairs);
}

/** Pairs what was seen with what was heard next to it. */
function pairs(): Step[] {
  const { seen, heard } = window as unknown as {
    seen: { inputs: number; at: number }[];
    heard: { at: number; frequency: number }[];
  };
  const steps: Step[] = [];
  for (const { inputs, at } of seen.splice(0)) {
    const nearest = heard.filter((one) => Math.abs(one.at - at) < 400).sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))[0];
    if (nearest) steps.push({ inputs, shown: at, heard: nearest.at, frequency: nearest.frequency });
  }
  heard.splice(0, Math.max(0, heard.length - 4));
  return steps;
}

/** Reads where the sound of the page's last connection waits, over the next two seconds. */
export function buffersOf(page: Page): Promise<Buffers> {
  return page.evaluate(async () => {
    const { connections } = window as unknown as { connections: RTCPeerConnection[] };
    const read = async () => {
      const stats = (await connections.at(-1)?.getStats())?.values() ?? [];
      return [...stats].find((one) => one.type === "inbound-rtp" && one.kind === "audio") as Record<string, number>;
    };
    const before = await read();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const sound = await read();
    const over = (name: string) => (sound[name] ?? 0) - (before[name] ?? 0);
    const mean = (sum: number) => (1000 * sum) / Math.max(1, over("jitterBufferEmittedCount"));
    return {
      jitterBuffer: mean(over("jitterBufferDelay")),
      target: mean(over("jitterBufferTargetDelay")),
      jitter: 1000 * (sound.jitter ?? 0),
    };
  });
}

/** The middle value. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
