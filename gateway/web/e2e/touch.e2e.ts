import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBelow } from "./harness/files";
import { endSession, signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { startProduct, type Product } from "./harness/product";
import { keepShot } from "./harness/results";
import { readStrips } from "./harness/strip";

/** xev prints what it makes of each button and of the pointer's way; -oL: at once. */
const games = `games:
  - id: buttons
    title: Buttons
    command: [stdbuf, -oL, xev, -event, mouse, -geometry, 640x360+0+0]
    width: 640
    height: 360
    frameRate: 30
    inputs: [keyboard, mouse-absolute]
  - id: latency-lab
    title: Latency Lab
    command: ["{playcast}", lab]
    width: 1280
    height: 720
    frameRate: 60
    inputs: [keyboard, mouse-absolute]
`;

let dir: string;
let product: Product;
let browser: Browser;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "playcast-touch-"));
  writeFileSync(join(dir, "games.yaml"), games);
  product = await startProduct("--games", join(dir, "games.yaml"));
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await product.stop();
  rmSync(dir, { recursive: true });
});

/** Signs in at a phone of that size, held across. */
async function play(title: RegExp): Promise<Player & { fingers: CDPSession }> {
  const player = await signIn(browser, "player1", product, { viewport: { width: 915, height: 412 }, hasTouch: true, isMobile: true });
  await startGame(player.page, title);
  await untilPlaying(player.page);
  return { ...player, fingers: await player.context.newCDPSession(player.page) };
}

interface Place {
  x: number;
  y: number;
}

/** The fingers that are on the screen now; none: all have left it. */
async function put(fingers: CDPSession, type: "touchStart" | "touchMove" | "touchEnd", ...places: Place[]): Promise<void> {
  const touchPoints = places.map((place, id) => ({ ...place, id }));
  await fingers.send("Input.dispatchTouchEvent", { type, touchPoints });
}

/** The middle of the picture. */
async function middle(page: Page): Promise<Place> {
  const box = await page.getByTestId("video").boundingBox();
  if (!box) throw new Error("there is no picture");
  return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
}

/** The presses that the game has seen, in their order, by X's numbers of buttons. */
function pressed(): number[] {
  const log = readBelow(product.data, "buttons.log");
  return [...log.matchAll(/^ButtonPress[^\n]*\n[^\n]*\n[^\n]*button (\d+)/gm)].map(([, button]) => Number(button));
}

test("each tap reaches the Latency Lab once", async () => {
  const { page, context } = await play(/Latency Lab/);
  const inputs = async () => (await readStrips(page))?.inputs;
  await expect.poll(inputs, { timeout: 20_000 }).toBeTypeOf("number");
  const { x, y } = await middle(page);
  const start = (await inputs()) ?? 0;
  for (let tap = 1; tap <= 5; tap++) {
    await page.touchscreen.tap(x + 10 * tap, y);
    await expect.poll(inputs, { timeout: 10_000 }).toBe(start + tap);
  }
  await keepShot(page, "touch");
  await endSession(page);
  await context.close();
}, 180_000);

test("a long press is a right click, two fingers turn the wheel, one that moves drags", async () => {
  const { page, context, fingers } = await play(/Buttons/);
  const at = await middle(page);
  // The game has its window when it tells of a tap.
  await expect
    .poll(
      async () => {
        await page.touchscreen.tap(at.x, at.y);
        return pressed().length;
      },
      { timeout: 30_000, interval: 500 },
    )
    .toBeGreaterThan(0);
  let last = -1;
  await expect.poll(() => last === (last = pressed().length), { interval: 700, timeout: 20_000 }).toBe(true);
  expect(new Set(pressed())).toEqual(new Set([1]));
  const since = (start: number) => pressed().slice(start);

  let start = pressed().length;
  await put(fingers, "touchStart", at);
  await expect.poll(() => since(start), { timeout: 10_000 }).toEqual([3]); // while the finger is down
  await put(fingers, "touchEnd");

  start = pressed().length;
  const two = (y: number): [Place, Place] => [{ x: at.x - 40, y }, { x: at.x + 40, y }];
  await put(fingers, "touchStart", ...two(at.y));
  for (let way = 10; way <= 120; way += 10) await put(fingers, "touchMove", ...two(at.y - way));
  await put(fingers, "touchEnd");
  await expect.poll(() => since(start).length, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(new Set(since(start))).toEqual(new Set([5])); // fingers go up: what is below comes

  await expect.poll(() => last === (last = pressed().length), { interval: 700, timeout: 20_000 }).toBe(true);
  start = pressed().length;
  await put(fingers, "touchStart", at);
  for (let way = 15; way <= 90; way += 15) await put(fingers, "touchMove", { x: at.x + way, y: at.y });
  await put(fingers, "touchEnd");
  await expect.poll(() => since(start), { timeout: 10_000 }).toEqual([1]);
  await expect
    .poll(() => /^ButtonRelease[^\n]*\n[^\n]*\n[^\n]*button 1,/m.test(readBelow(product.data, "buttons.log").split("ButtonPress event").at(-1) ?? ""), {
      timeout: 10_000,
    })
    .toBe(true);
  await keepShot(page, "touch-buttons");
  await endSession(page);
  await context.close();
}, 180_000);
