import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endAll } from "./harness/gateway";
import { difference, readPicture, spread } from "./harness/picture";
import { endSession, signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { keepShot } from "./harness/results";
import { readStrips } from "./harness/strip";

let browser: Browser;
let one: Player;
let two: Player;

beforeAll(async () => {
  browser = await startBrowser();
  one = await signIn(browser, "player1");
  two = await signIn(browser, "player2");
});
afterAll(async () => {
  await endAll(one.token);
  await endAll(two.token);
  await browser.close();
});

async function untilDrawn(page: Page): Promise<void> {
  await untilPlaying(page);
  await expect
    .poll(async () => spread((await readPicture(page)).luma), { timeout: 20_000 })
    .toBeGreaterThan(5);
}

test("two players play at once, and a third session waits its turn", async () => {
  await startGame(one.page, /Phase 1/);
  await startGame(two.page, /Latency Lab/);
  await untilDrawn(one.page);
  await untilDrawn(two.page);

  // Each has a display of their own: what is typed in one is not seen in the other.
  expect(difference(await readPicture(one.page), await readPicture(two.page))).toBeGreaterThan(10);
  const inputs = async () => (await readStrips(two.page))?.inputs;
  await expect.poll(inputs).toBeTypeOf("number");
  const before = await inputs();
  await one.page.getByRole("application").focus();
  for (const key of ["ArrowUp", "ArrowDown", "ArrowUp"]) await one.page.keyboard.press(key);
  await two.page.getByRole("application").focus();
  await two.page.keyboard.press("KeyB");
  await expect.poll(inputs).toBe((before ?? 0) + 1);

  // The worker's two places are taken.
  const { page: third } = await signIn(browser, "player1");
  const waiting = await startGame(third, /Latency Lab/);
  await third.locator('main[data-state="queued"]').waitFor();
  await third.getByRole("heading", { name: /^You are next in the queue, (about|less than) / }).waitFor();
  await keepShot(third, "queued");

  await endSession(two.page);
  await untilDrawn(third);
  expect(third.url()).toContain(waiting);
  expect((await readPicture(one.page)).width).toBeGreaterThan(0);
  await endSession(third);
  await endSession(one.page);
});
