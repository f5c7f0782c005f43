import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endAll, stateOf } from "./harness/gateway";
import { endSession, signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { keepFigures } from "./harness/results";
import { readStrips } from "./harness/strip";
import { wireOf, type Wire } from "./harness/wire";

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

/** The number of the newest frame that can be read. */
async function frameOf(page: Page): Promise<number> {
  return (await readStrips(page))?.frame ?? 0;
}

async function until(done: () => Promise<boolean>, within: number): Promise<number> {
  const began = performance.now();
  while (performance.now() - began < within) {
    if (await done()) return performance.now() - began;
  }
  throw new Error(`not in ${within} ms`);
}

/** Waits for a picture of the same game that is newer, and answers how long that took. */
function untilNewer(page: Page, frame: number, within = 30_000): Promise<number> {
  return until(async () => (await frameOf(page).catch(() => 0)) > frame, within);
}

test("a reload in mid-game comes back to the same game", async () => {
  const { page } = player;
  const session = await startGame(page, /Latency Lab/);
  await untilPlaying(page);
  await page.getByRole("application").focus();
  await page.keyboard.press("KeyA");
  await expect.poll(async () => (await readStrips(page))?.inputs).toBe(1);
  const took: number[] = [];
  for (let n = 0; n < 5; n++) {
    const before = await frameOf(page);
    const began = performance.now();
    await page.reload({ waitUntil: "commit" });
    await untilNewer(page, before);
    took.push(performance.now() - began);
    expect(page.url()).toContain(session);
    expect((await readStrips(page))?.inputs).toBe(1);
  }
  keepFigures("reload", { ms: took });
  await endSession(page);
});

/** Plays the Latency Lab over a wire of its own. */
async function onWire(play: (wire: Wire) => Promise<void>): Promise<void> {
  const { page } = player;
  const wire = await wireOf(page);
  try {
    await startGame(page, /Latency Lab/);
    await untilPlaying(page);
    await play(wire);
    await page.getByRole("application").focus();
    const inputs = (await readStrips(page))?.inputs ?? 0;
    await page.keyboard.press("KeyA");
    await expect.poll(async () => (await readStrips(page))?.inputs).toBe(inputs + 1);
    await endSession(page);
  } finally {
    await wire.join();
    wire.close();
    await page.unroute(/\/whep(\/|$)/);
  }
}

/** Cuts the wire, and answers how long after its return a new picture was seen. */
async function cutFor(wire: Wire, ms: number): Promise<number> {
  await wire.cut();
  await new Promise((resolve) => setTimeout(resolve, ms)); // the cut itself
  const before = await frameOf(player.page);
  await wire.join();
  return untilNewer(player.page, before + 60);
}

test("a cut of the network for five seconds is over soon after it", async () => {
  await onWire(async (wire) => {
    keepFigures("cut", { ms: [await cutFor(wire, 5_000), await cutFor(wire, 5_000)] });
  });
});

test("a cut that outlasts the worker's patience leads back to the same game", async () => {
  await onWire(async (wire) => {
    const took = await cutFor(wire, 14_000);
    expect(await stateOf(player.token, player.page.url().split("/").at(-1) ?? "")).toBe("active");
    keepFigures("long-cut", { ms: took });
  });
});

test("a way that is gone is replaced by another, on the same connection", async () => {
  await onWire(async (wire) => {
    const connections: string[] = [];
    player.page.on("request", (request) => {
      if (/\/whep(\/|$)/.test(request.url())) connections.push(request.method());
    });
    const before = await frameOf(player.page);
    wire.forget();
    const took = await untilNewer(player.page, before + 60);
    expect(connections).toContain("PATCH");
    expect(connections).not.toContain("POST");
    keepFigures("other-way", { ms: took });
  });
});
