import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { barriers } from "./harness/access";
import { framesOf, onsetsOf } from "./harness/film";
import { ask, endAll } from "./harness/gateway";
import { endSession, signIn, startBrowser, startGame, untilPlaying, videoOf, type Player } from "./harness/player";
import { keepShot, resultsDir } from "./harness/results";
import { readStrips, type Reading } from "./harness/strip";

let browser: Browser;
let player: Player;
let recording = "";

beforeAll(async () => {
  browser = await startBrowser();
  player = await signIn(browser, "player1");
});
afterAll(async () => {
  await endAll(player.token);
  await browser.close();
});

/** Presses a key of the game now and then for some seconds. */
async function pressFor(page: Page, ms: number): Promise<number> {
  const until = Date.now() + ms;
  let presses = 0;
  for (; Date.now() < until; presses++) {
    await page.keyboard.press("Space", { delay: 40 });
    await page.waitForTimeout(600 + 37 * (presses % 7));
  }
  return presses;
}

interface Listed {
  id: string;
  state: string;
  lengthMs: number;
  bytes: number;
  clips: { id: string; fromMs: number; toMs: number }[];
}

async function recordings(): Promise<Listed[]> {
  return (await ask(player.token, "GET", "/v1/recordings")).body.recordings as Listed[];
}

test("a session is recorded with consent, and everybody sees it", async () => {
  const { page } = player;
  await startGame(page, /Latency Lab/);
  await untilPlaying(page);
  await page.getByRole("button", { name: "Record", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  expect(await dialog.getByRole("button", { name: "Record" }).isDisabled()).toBe(true);
  await keepShot(page, "recording-consent");
  expect(await barriers(page), "consent").toEqual([]);
  await dialog.getByRole("checkbox").check();
  await dialog.getByRole("button", { name: "Record" }).click();
  await page.getByTestId("recording-sign").waitFor();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("application").click();
  const presses = await pressFor(page, 20_000);
  expect(presses).toBeGreaterThan(15);
  await keepShot(page, "recording-playing");
  await page.getByRole("button", { name: "Stop recording" }).click();
  await page.getByTestId("recording-sign").waitFor({ state: "hidden" });
  await expect.poll(async () => (await recordings())[0]?.state, { timeout: 30_000 }).toBe("finished");
  const made = (await recordings())[0];
  recording = made?.id ?? "";
  expect(made?.lengthMs).toBeGreaterThan(18_000);
  await endSession(page);
});

/** Waits until the video shows a strip that can be read. */
async function shown(page: Page, testId: string): Promise<Reading> {
  let reading: Reading | null = null;
  await expect.poll(async () => (reading = await readStrips(page, testId)), { timeout: 20_000 }).not.toBeNull();
  return reading as unknown as Reading;
}

/** Seeks in a video that rests, and reads the frame there. */
async function frameAt(page: Page, testId: string, seconds: number): Promise<number> {
  await videoOf(page, testId).evaluate((video) => video.pause());
  await page.getByTestId(testId).evaluate(
    (element, at) =>
      new Promise<void>((resolve) => {
        const video = element as HTMLVideoElement;
        video.addEventListener("seeked", () => requestAnimationFrame(() => resolve()), { once: true });
        video.currentTime = at;
      }),
    seconds,
  );
  return (await shown(page, testId)).frame;
}

test("the recording plays in the page, and is sought in", async () => {
  const { page } = player;
  await page.getByRole("link", { name: "To the library" }).or(page.getByRole("link", { name: "playcast" })).first().click();
  await page.getByRole("link", { name: "Recordings", exact: true }).click();
  await page.locator(`tr[data-recording="${recording}"]`).waitFor();
  expect(await barriers(page), "recordings").toEqual([]);
  await keepShot(page, "recordings");
  await page.locator(`tr[data-recording="${recording}"]`).getByRole("link").click();
  await page.getByTestId("recording").waitFor();
  const first = await frameAt(page, "recording", 0.5);
  await videoOf(page, "recording").evaluate((video) => video.play());
  await expect.poll(async () => ((await readStrips(page, "recording"))?.frame ?? 0) - first, { timeout: 20_000 }).toBeGreaterThan(30);
  const later = await frameAt(page, "recording", 15);
  const earlier = await frameAt(page, "recording", 5);
  // The lab draws about 60 frames a second.
  expect(later - earlier).toBeGreaterThan(450);
  expect(later - earlier).toBeLessThan(700);
  const loud = await videoOf(page, "recording").evaluate((video) => ({ muted: video.muted, length: video.duration }));
  expect(loud.length).toBeGreaterThan(18);
});

test("a clip is cut where it is marked, exact to the frame, and played by Chromium so", async () => {
  const { page } = player;
  const from = await frameAt(page, "recording", 6.25);
  await page.getByRole("button", { name: /^From/ }).click();
  const to = await frameAt(page, "recording", 8.75);
  await page.getByRole("button", { name: /^To/ }).click();
  await page.getByLabel("Title").fill("The jump");
  await page.getByRole("button", { name: "Cut" }).click();
  await page.locator("[data-clip]").waitFor();
  expect(await barriers(page), "recording").toEqual([]);
  await keepShot(page, "recording-clip");
  await page.getByRole("button", { name: "Play The jump" }).click();
  await page.getByTestId("clip").waitFor();
  await expect.poll(() => videoOf(page, "clip").evaluate((video) => video.readyState)).toBeGreaterThanOrEqual(2);
  const length = await videoOf(page, "clip").evaluate((video) => video.duration);
  const played = { first: await frameAt(page, "clip", 0.001), last: await frameAt(page, "clip", length) };
  await keepShot(page, "recording-clip-played");

  const clip = (await recordings())[0]?.clips[0];
  const file = await download(`?clip=${clip?.id}`, "clip.mp4");
  const frames = framesOf(file);
  const decoded = { first: frames[0]?.frame, last: frames.at(-1)?.frame };
  console.log("clip:", { asked: { from, to }, chromium: played, ffmpeg: decoded, length });
  expect(Math.abs(played.first - from)).toBeLessThanOrEqual(1);
  expect(Math.abs(played.last - to)).toBeLessThanOrEqual(1);
  expect(Math.abs((decoded.first ?? 0) - from)).toBeLessThanOrEqual(1);
  expect(Math.abs((decoded.last ?? 0) - to)).toBeLessThanOrEqual(1);
  expect(Math.abs(length - 2.5)).toBeLessThan(0.05);
});

/** Fetches a file by a link, without a sign-in, and keeps it as a test result. */
async function download(query: string, name: string): Promise<string> {
  const { body } = await ask(player.token, "POST", `/v1/recordings/${recording}/link${query}`);
  const response = await fetch(inject("url") + String(body.url));
  expect(response.status).toBe(200);
  const path = join(resultsDir(), name);
  writeFileSync(path, Buffer.from(await response.arrayBuffer()));
  return path;
}

test("sound and picture of the file are in step", async () => {
  const file = await download("", "recording.mp4");
  const frames = framesOf(file);
  const presses = frames.filter((frame, i) => i > 0 && frame.inputs > (frames[i - 1]?.inputs ?? 0));
  const onsets = onsetsOf(file);
  const offsets = presses.map(({ at }) => onsets.map((onset) => (onset - at) * 1000).sort((a, b) => Math.abs(a) - Math.abs(b))[0] ?? Infinity);
  const sorted = [...offsets].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Infinity;
  console.log("beep after frame, ms:", { presses: presses.length, beeps: onsets.length, middle, least: sorted[0], most: sorted.at(-1), frames: frames.length });
  expect(presses.length).toBeGreaterThan(12);
  expect(onsets.length).toBeGreaterThan(12);
  expect(Math.abs(middle)).toBeLessThan(50);
});

test("a recording is deleted only when that is meant", async () => {
  const { page } = player;
  await page.getByRole("link", { name: "Recordings", exact: true }).click();
  const row = page.locator(`tr[data-recording="${recording}"]`);
  await row.getByRole("button", { name: /^Delete/ }).click();
  await page.getByRole("button", { name: "Keep it" }).click();
  await row.getByRole("button", { name: /^Delete/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await row.waitFor({ state: "detached" });
  expect((await ask(player.token, "GET", `/v1/recordings/${recording}`)).status).toBe(404);
});
