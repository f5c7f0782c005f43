import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ask, endAll } from "./harness/gateway";
import { difference, mean, readPicture, spread } from "./harness/picture";
import { endSession, signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { keepShot } from "./harness/results";
import { readStrips, type Reading } from "./harness/strip";

let browser: Browser;
let player: Player;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  player = await signIn(browser, "player1");
});
afterEach(async () => {
  await endAll(player.token);
  await player.context.close();
});

test("a player plays Freedoom and finds the time billed", async () => {
  const { page } = player;
  await keepShot(page, "library");
  const session = await startGame(page, /Phase 1/);
  await untilPlaying(page);

  const game = await gameOf(player, "freedoom1");
  await expect.poll(async () => spread((await readPicture(page)).luma), { timeout: 20_000 }).toBeGreaterThan(5);
  const first = await readPicture(page);
  expect({ width: first.width, height: first.height }).toEqual({ width: game.width, height: game.height });
  expect(mean(first.luma)).toBeGreaterThan(5);

  // Escape opens the menu whatever the game shows: the picture must change by it.
  await page.getByRole("application").focus();
  await page.keyboard.press("Escape");
  await expect
    .poll(async () => difference(first, await readPicture(page)), { timeout: 15_000 })
    .toBeGreaterThan(0.5);
  expect((await readPicture(page)).at).toBeGreaterThan(first.at);
  await keepShot(page, "play-menu");

  // New game, its first episode, the proposed skill.
  for (const shown of ["new-game", "episode", "skill"]) {
    const before = await readPicture(page);
    await page.keyboard.press("Enter");
    await expect
      .poll(async () => difference(before, await readPicture(page)), { message: shown, timeout: 15_000 })
      .toBeGreaterThan(0.3);
  }
  await untilStill(player);
  await lookAround(player);
  await walk(player);
  await keepShot(page, "play");
  await page.keyboard.press("Control+Alt+KeyM");
  await page.getByRole("button", { name: "Statistics" }).press("Enter");
  await expect.poll(() => page.getByTestId("statistics").innerText()).toContain("fps");
  await keepShot(page, "play-statistics");

  await endSession(page);
  await keepShot(page, "summary");
  await page.getByRole("link", { name: "Back to the library" }).click();
  await page.getByRole("link", { name: "History" }).click();
  const row = page.locator(`tr[data-session="${session}"]`);
  await row.getByText("You ended it").waitFor();
  const billed = Number(await row.locator("[data-billed]").getAttribute("data-billed"));
  expect(billed).toBeGreaterThan(500);
  expect(billed).toBeLessThan(120_000);
  await keepShot(page, "history");
}, 180_000);

test("every key and every click reaches the Latency Lab once", async () => {
  const { page } = player;
  await startGame(page, /Latency Lab/);
  await untilPlaying(page);
  const inputs = async () => (await readStrips(page))?.inputs;
  await expect.poll(inputs, { timeout: 20_000 }).toBeTypeOf("number");
  const frame = (await settled(player)).frame;
  await expect.poll(async () => (await readStrips(page))?.frame ?? 0).toBeGreaterThan(frame + 10);

  await page.getByRole("application").focus();
  const start = (await settled(player)).inputs;
  await page.keyboard.press("KeyA");
  await expect.poll(inputs).toBe(start + 1);

  for (const key of ["KeyQ", "KeyW", "KeyE", "KeyR", "KeyT", "KeyY", "KeyU", "KeyI", "KeyO", "KeyP"]) {
    await page.keyboard.press(key);
  }
  await expect.poll(inputs).toBe(start + 11);

  await page.getByRole("application").click({ position: { x: 400, y: 300 } });
  await expect.poll(inputs).toBe(start + 12);
  await keepShot(page, "latency-lab");

  // A key that is held when the page loses the focus is not held for ever: it
  // can be pressed again.
  await page.keyboard.down("KeyZ");
  await expect.poll(inputs).toBe(start + 13);
  await page.getByRole("button", { name: "Statistics" }).focus();
  await page.keyboard.up("KeyZ");
  await page.getByRole("application").focus();
  await page.keyboard.press("KeyZ");
  await expect.poll(inputs).toBe(start + 14);
  await endSession(page);
});

test("a pause stops the game and the clock, a reload comes back to it", async () => {
  const { page } = player;
  await startGame(page, /Latency Lab/);
  await untilPlaying(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator('main[data-state="paused"]').waitFor();
  await page.getByRole("heading", { name: "Paused" }).waitFor();
  await keepShot(page, "paused");
  await page.getByRole("button", { name: "Resume" }).last().click();
  await untilPlaying(page);

  await page.reload();
  await untilPlaying(page);
  await expect.poll(() => readStrips(page), { timeout: 20_000 }).not.toBeNull();
  await endSession(page);
});

/** Waits until the melting of the menu into the level is over. */
async function untilStill({ page }: Player): Promise<void> {
  let last = await readPicture(page);
  const change = async () => {
    const before = last;
    last = await readPicture(page);
    return difference(before, last);
  };
  await expect.poll(change, { timeout: 20_000, interval: 400 }).toBeLessThan(1);
}

/** A click locks the pointer, and its motion turns the player's head. */
async function lookAround({ page }: Player): Promise<void> {
  await page.getByRole("application").click();
  await expect
    .poll(() => page.evaluate(() => document.pointerLockElement?.getAttribute("role")))
    .toBe("application");
  const before = await readPicture(page);
  await page.mouse.move(840, 400, { steps: 10 });
  await expect.poll(async () => difference(before, await readPicture(page))).toBeGreaterThan(4);
}

/** Walks and turns until the picture has become another one. */
async function walk({ page }: Player): Promise<void> {
  const before = await readPicture(page);
  await page.keyboard.down("KeyW");
  await page.keyboard.down("ArrowLeft");
  await expect.poll(async () => difference(before, await readPicture(page)), { timeout: 15_000 }).toBeGreaterThan(8);
  await page.keyboard.up("ArrowLeft");
  await page.keyboard.up("KeyW");
}

/** A reading of the strips; there is one in nearly every frame. */
async function settled({ page }: Player): Promise<Reading> {
  let reading: Reading | null = null;
  await expect.poll(async () => (reading = await readStrips(page))).not.toBeNull();
  if (!reading) throw new Error("the strips can't be read");
  return reading;
}

async function gameOf({ token }: Player, id: string): Promise<{ width: number; height: number }> {
  const { body } = await ask(token, "GET", "/v1/games");
  const games = body.games as { id: string; width: number; height: number }[];
  const game = games.find((each) => each.id === id);
  if (!game) throw new Error(`the library has no ${id}`);
  return game;
}
