import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endAll } from "./harness/gateway";
import { endSession, signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { readStrips } from "./harness/strip";

let browser: Browser;
let player: Player;

beforeAll(async () => {
  browser = await startBrowser();
  player = await signIn(browser, "player1");
});
afterAll(async () => {
  await endAll(player.token);
  await browser.close();
});

/** Listens to the page's audio element, and keeps how loud 880 Hz is, in dB, and was at most. */
async function listen(page: Page): Promise<void> {
  await page.getByTestId("audio").evaluate((element) => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 2048;
    analyser.smoothingTimeConstant = 0;
    const stream = (element as HTMLAudioElement).srcObject as MediaStream;
    context.createMediaStreamSource(stream).connect(analyser);
    const bins = new Float32Array(analyser.frequencyBinCount);
    const heard = { loudest: -Infinity, other: -Infinity };
    Object.assign(window, { heard });
    const look = () => {
      analyser.getFloatFrequencyData(bins);
      const at = (frequency: number) => Math.round((frequency * analyser.fftSize) / context.sampleRate);
      heard.loudest = Math.max(heard.loudest, bins[at(880)] ?? -Infinity);
      heard.other = Math.max(heard.other, bins[at(3_000)] ?? -Infinity);
    };
    setInterval(look, 10);
  });
}

interface Heard {
  loudest: number;
  other: number;
}

function heard(page: Page): Promise<Heard> {
  return page.evaluate(() => (window as unknown as { heard: Heard }).heard);
}

test("a press is heard, until the player wants no sound", async () => {
  const { page } = player;
  await startGame(page, /Latency Lab/);
  await untilPlaying(page);
  await expect.poll(async () => (await readStrips(page))?.inputs, { timeout: 20_000 }).toBeTypeOf("number");
  const playing = () =>
    page.getByTestId("audio").evaluate((element) => {
      const audio = element as HTMLAudioElement;
      return { paused: audio.paused, muted: audio.muted };
    });
  await expect.poll(playing).toEqual({ paused: false, muted: false });

  await listen(page);
  await page.getByRole("application").focus();
  await expect
    .poll(
      async () => {
        await page.keyboard.press("KeyA");
        return (await heard(page)).loudest;
      },
      { timeout: 15_000, interval: 200 },
    )
    .toBeGreaterThan(-40);
  const { loudest, other } = await heard(page);
  expect(loudest - other).toBeGreaterThan(20);

  await page.getByRole("button", { name: "Sound off" }).click();
  await expect.poll(playing).toEqual({ paused: false, muted: true });
  await page.getByRole("button", { name: "Sound on" }).click();
  await expect.poll(playing).toEqual({ paused: false, muted: false });
  await endSession(page);
});
