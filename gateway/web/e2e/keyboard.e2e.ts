import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBelow } from "./harness/files";
import { signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { startProduct, type Product } from "./harness/product";
import { keepShot } from "./harness/results";

/** xev is a client of X that prints what it makes of each key; -oL: at once. */
const games = `games:
  - id: keysyms
    title: Keysyms
    command: [stdbuf, -oL, xev, -event, keyboard, -geometry, 640x360+0+0]
    width: 640
    height: 360
    frameRate: 30
    inputs: [keyboard, mouse-absolute]
`;

type Legends = Record<string, Record<string, string[]>>;
const legends = JSON.parse(
  readFileSync("../../streamer/keyboard/testdata/legends.json", "utf8"),
) as Legends;

let dir: string;
let product: Product;
let browser: Browser;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "playcast-keys-"));
  writeFileSync(join(dir, "games.yaml"), games);
  product = await startProduct("--games", join(dir, "games.yaml"));
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await product.stop();
  rmSync(dir, { recursive: true });
});

interface Seen {
  keysym: number;
  name: string;
}

/** The keys that the game has been pressed, in their order. */
function seen(): Seen[] {
  const log = readBelow(product.data, "keysyms.log");
  return [...log.matchAll(/^KeyPress[^\n]*\n[^\n]*\n[^\n]*keysym 0x([0-9a-f]+), (\S+)\)/gm)].map(
    ([, keysym = "", name = ""]) => ({ keysym: parseInt(keysym, 16), name }),
  );
}

/** Whether a keysym is what a key's legend says: a character, or X's name. */
function means({ keysym, name }: Seen, legend: string): boolean {
  const [only, ...more] = [...legend];
  if (only === undefined || more.length > 0) return name === legend;
  const point = only.codePointAt(0) ?? 0;
  return keysym === (point < 0x100 ? point : 0x0100_0000 + point);
}

const shift = { code: "ShiftLeft", key: "Shift", bit: 8 };
const altGr = { code: "AltRight", key: "AltGraph", bit: 0 };

/** Presses a key as Chromium does, with what is held; answers how many presses that was. */
async function press(cdp: CDPSession, code: string, level: number): Promise<number> {
  const held = level === 1 ? [shift] : level === 2 ? [altGr] : [];
  const modifiers = held.reduce((bits, { bit }) => bits | bit, 0);
  for (const { code, key } of held) await cdp.send("Input.dispatchKeyEvent", { type: "rawKeyDown", code, key, modifiers });
  for (const type of ["rawKeyDown", "keyUp"] as const) {
    await cdp.send("Input.dispatchKeyEvent", { type, code, key: "Unidentified", modifiers });
  }
  for (const { code, key } of held) await cdp.send("Input.dispatchKeyEvent", { type: "keyUp", code, key });
  return held.length + 1;
}

async function play(layout: string): Promise<Player> {
  const player = await signIn(browser, "player1", product);
  await player.page.evaluate((name) => localStorage.setItem("playcast.keyboard", name), layout);
  await startGame(player.page, /Keysyms/);
  await untilPlaying(player.page);
  await player.page.getByRole("application").focus();
  await untilHeard(player.page);
  return player;
}

/** The game has the keyboard when it tells of a key. */
async function untilHeard(page: Page): Promise<void> {
  const before = seen().length;
  await expect
    .poll(async () => {
      await page.keyboard.press("F12");
      return seen().length;
    }, { timeout: 30_000, interval: 500 })
    .toBeGreaterThan(before);
  let last = -1;
  await expect.poll(() => last === (last = seen().length), { interval: 700, timeout: 20_000 }).toBe(true);
}

async function end({ page, context }: Player): Promise<void> {
  await page.keyboard.press("Control+Alt+KeyM");
  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.locator('main[data-state="ended"]').waitFor({ timeout: 30_000 });
  await context.close();
}

test.each(["us", "de"])("every key of a keyboard of layout %s arrives as what is printed on it", async (layout) => {
  const player = await play(layout);
  const cdp = await player.context.newCDPSession(player.page);
  const keys = { ...legends.common, ...legends[layout] };
  let start = seen().length;
  let checked = 0;
  const wrong: string[] = [];
  for (const [code, printed] of Object.entries(keys)) {
    for (const [level, legend] of printed.entries()) {
      const presses = await press(cdp, code, level);
      await expect.poll(() => seen().length, { interval: 20, timeout: 10_000 }).toBe(start + presses);
      const got = seen().at(-1);
      if (!got || !means(got, legend)) wrong.push(`${code} ${level}: ${got?.name}, want ${legend}`);
      start += presses;
      checked++;
    }
  }
  console.log(`${layout}: ${checked} meanings`);
  expect(wrong).toEqual([]);
  await end(player);
}, 240_000);

test("another layout is chosen, and text is entered that no key has", async () => {
  const player = await play("us");
  const { page } = player;
  await page.keyboard.press("Control+Alt+KeyM");
  await page.getByRole("button", { name: "Keyboard", exact: true }).click();
  await page.getByRole("combobox", { name: "Keyboard layout" }).click();
  await keepShot(page, "keyboard-layout");
  await page.getByRole("option", { name: "French", exact: true }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("application").focus();
  const last = async () => {
    await page.keyboard.press("KeyQ");
    return seen().at(-1)?.name;
  };
  await expect.poll(last, { timeout: 10_000, interval: 300 }).toBe("a");

  await page.keyboard.press("Control+Alt+KeyM");
  await page.getByRole("button", { name: "Type text" }).click();
  await page.getByRole("textbox", { name: "Text for the game" }).fill("Grüße 日本 😀");
  await keepShot(page, "text-entry");
  const before = seen().length;
  await page.getByRole("button", { name: "Type", exact: true }).click();
  const typed = () =>
    seen()
      .slice(before)
      .filter(({ name }) => !/^(Shift|ISO_Level3|Control|Alt)/.test(name))
      .map(({ keysym }) => String.fromCodePoint(keysym > 0x0100_0000 ? keysym - 0x0100_0000 : keysym))
      .join("");
  await expect.poll(typed, { timeout: 15_000 }).toBe("Grüße 日本 😀");
  await end(player);
}, 120_000);
