import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endAll } from "./harness/gateway";
import { endSession, signIn, startBrowser, startGame, tokenOf, untilPlaying, type Player } from "./harness/player";
import { keepFigures } from "./harness/results";
import { buffersOf, keepConnectionsOf, median, watchSteps, type Step } from "./harness/step";
import { readStrips } from "./harness/strip";

/** How long sound and picture are followed; PLAYCAST_STEP_MINUTES=10 for longer. */
const minutes = Number(process.env.PLAYCAST_STEP_MINUTES ?? 3);

let browser: Browser;
let player: Player;

beforeAll(async () => {
  browser = await startBrowser();
  player = await signIn(browser, "player1");
});
afterAll(async () => {
  await endAll(await tokenOf(player.page)); // the first has expired in a long test
  await browser.close();
});

test(
  "a tone is heard in step with the picture, and still is minutes later",
  { timeout: (minutes + 2) * 60_000 },
  async () => {
    const { page } = player;
    await keepConnectionsOf(page);
    await startGame(page, /Latency Lab/);
    await untilPlaying(page);
    await expect.poll(async () => (await readStrips(page))?.inputs, { timeout: 20_000 }).toBeTypeOf("number");
    const steps = await watchSteps(page);
    await page.getByRole("application").focus();
    const all: Step[] = [];
    for (const end = performance.now() + minutes * 60_000; performance.now() < end; ) {
      await page.keyboard.press("KeyA");
      await page.waitForTimeout(1_000); // the presses' own rhythm: a beep has to end before the next
      all.push(...(await steps()));
    }
    const buffers = await buffersOf(page);
    await endSession(page);

    const later = all.map(({ shown, heard }) => heard - shown);
    const first = median(later.slice(0, 30));
    const last = median(later.slice(-30));
    const frequency = median(all.map((step) => step.frequency));
    keepFigures("step", { minutes, steps: all.length, frequency, soundLaterMs: { first, last, median: median(later) }, buffers });
    expect(all.length).toBeGreaterThan(minutes * 60 * 0.3);
    expect(Math.abs(frequency - 880)).toBeLessThan(40);
    // On a machine that does nothing else it is a quarter of this; what must not be is sound that drifts away.
    expect(Math.abs(first)).toBeLessThan(200);
    expect(Math.abs(last)).toBeLessThan(200);
  },
);
