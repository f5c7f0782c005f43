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
  output: number; // from the page to the ear
  jitter: number; // of how the packets come
}

/** What a page saw and heard of one press: page's clock, ms, where the eye is and where the sound leaves the track. */
export interface Step {
  inputs: number;
  shown: number;
  heard: number;
  frequency: number; // Hz
}

/** Finds the beginnings of beeps and their frequency, to the sample. It runs in the page's audio thread. */
const worklet = `
class Onsets extends AudioWorkletProcessor {
  silent = 0; began = -1; crossings = []; last = 0;
  process([[samples] = []]) {
    if (!samples) return true;
    for (let i = 0; i < samples.length; i++) {
      const now = samples[i], at = currentFrame + i;
      if (this.began < 0) {
        const loud = Math.abs(now) > 0.02;
        if (loud && this.silent > sampleRate / 10) { this.began = at; this.crossings = []; }
        this.silent = loud ? 0 : this.silent + 1;
      } else {
        if (this.last < 0 && now >= 0) this.crossings.push(at - now / (now - this.last));
        if (at - this.began > sampleRate * 0.04) {
          const n = this.crossings.length;
          const frequency = n > 2 ? (n - 1) * sampleRate / (this.crossings[n - 1] - this.crossings[0]) : 0;
          this.port.postMessage({ time: this.began / sampleRate, frequency });
          this.began = -1; this.silent = 0;
        }
      }
      this.last = now;
    }
    return true;
  }
}
registerProcessor("onsets", Onsets);
`;

/** Lets the pages to come take the test's own script, which the product's rules refuse. */
export async function allowScripts(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setBypassCSP", { enabled: true });
  await page.addInitScript(keepConnections);
}

/** Begins to watch and listen; steps() takes what has been found since. */
export async function watchSteps(page: Page): Promise<() => Promise<Step[]>> {
  await page.evaluate(async (script) => {
    const video = document.querySelector<HTMLVideoElement>('[data-testid="video"]');
    const audio = document.querySelector<HTMLAudioElement>('[data-testid="audio"]');
    if (!video || !audio) throw new Error("the page shows no game");
    const seen: { inputs: number; at: number }[] = [];
    const heard: { at: number; frequency: number }[] = [];
    Object.assign(window, { seen, heard });

    const context = new AudioContext({ latencyHint: "interactive" });
    await context.resume();
    Object.assign(window, { context });
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    const onsets = new AudioWorkletNode(context, "onsets");
    context.createMediaStreamSource(audio.srcObject as MediaStream).connect(onsets);
    onsets.connect(new GainNode(context, { gain: 0 })).connect(context.destination); // or nobody asks for samples
    onsets.port.onmessage = ({ data }: MessageEvent<{ time: number; frequency: number }>) => {
      const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
      const output = context.baseLatency + context.outputLatency;
      heard.push({ at: performanceTime + (data.time - contextTime - output) * 1000, frequency: data.frequency });
    };

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
  }, worklet);
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
    const { connections, context } = window as unknown as { connections: RTCPeerConnection[]; context: AudioContext };
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
      output: 1000 * (context.baseLatency + context.outputLatency),
    };
  });
}

/** The middle value. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
