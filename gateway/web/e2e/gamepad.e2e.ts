import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endSession, signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { startProduct, type Product } from "./harness/product";
import { keepFigures, keepShot } from "./harness/results";

/** A line of the test game's; streamer/gamepad/padtest says which there are. */
interface Line {
  event: string;
  pad: number;
  name: string;
  down?: boolean;
  value?: number;
}

let browser: Browser;
let product: Product;
let player: Player;
let folder: string;

beforeAll(async () => {
  // Not below /tmp: a sandbox has one of its own there.
  mkdirSync(join(homedir(), ".cache"), { recursive: true });
  folder = mkdtempSync(join(homedir(), ".cache", "playcast-padtest-"));
  const program = join(folder, "padtest");
  const source = resolve("../../streamer/gamepad/padtest/sdl/padtest.c");
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", "sdl2"], { encoding: "utf8" }).trim().split(/\s+/);
  execFileSync("gcc", ["-std=gnu11", "-o", program, source, ...flags]);
  const games = join(folder, "games.yaml");
  writeFileSync(
    games,
    `games:\n  - {id: padtest, title: Pad Test, command: [${program}], width: 640, height: 360, frameRate: 60, inputs: [gamepad]}\n`,
  );
  product = await startProduct("--games", games);
  browser = await startBrowser();
  player = await signIn(browser, "player1", product);
  await player.context.addInitScript(fakeGamepads);
  await player.page.reload();
});
afterAll(async () => {
  await browser.close();
  await product.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Headless browsers have no gamepads: this gives them some, which a test moves. */
function fakeGamepads(): void {
  const pads: (Gamepad | null)[] = [null, null, null, null];
  const shaken: { pad: number; strong: number; weak: number; ms: number }[] = [];
  const make = (index: number) => ({
    index,
    id: `Fake pad ${index} (STANDARD GAMEPAD)`,
    mapping: "standard",
    connected: true,
    axes: [0, 0, 0, 0],
    buttons: Array.from({ length: 17 }, () => ({ pressed: false, touched: false, value: 0 })),
    timestamp: 0,
    vibrationActuator: {
      playEffect: (_: string, e: { duration: number; strongMagnitude: number; weakMagnitude: number }) => {
        shaken.push({ pad: index, strong: e.strongMagnitude, weak: e.weakMagnitude, ms: e.duration });
        return Promise.resolve("complete");
      },
      reset: () => {
        shaken.push({ pad: index, strong: 0, weak: 0, ms: 0 });
        return Promise.resolve("complete");
      },
    },
  });
  Object.defineProperty(navigator, "getGamepads", { value: () => pads });
  Object.assign(window, {
    padsOfTest: {
      shaken,
      plug: (index: number, there: boolean) => {
        pads[index] = there ? (make(index) as unknown as Gamepad) : null;
        window.dispatchEvent(new Event(there ? "gamepadconnected" : "gamepaddisconnected"));
      },
      press: (index: number, button: number, value: number) => {
        Object.assign(pads[index]?.buttons[button] ?? {}, { pressed: value > 0, value });
      },
      tilt: (index: number, axis: number, value: number) => {
        (pads[index]?.axes as number[])[axis] = value;
      },
    },
  });
}

interface PadsOfTest {
  shaken: { pad: number; strong: number; weak: number; ms: number }[];
  plug(index: number, there: boolean): void;
  press(index: number, button: number, value: number): void;
  tilt(index: number, axis: number, value: number): void;
}

type Act = ["plug", number, boolean] | ["press" | "tilt", number, number, number];

function act(page: Page, ...[what, ...rest]: Act): Promise<void> {
  return page.evaluate(
    ([name, values]) => {
      const pads = (window as unknown as { padsOfTest: Record<string, (...values: unknown[]) => void> }).padsOfTest;
      pads[name]?.(...values);
    },
    [what, rest] as [string, unknown[]],
  );
}

function shaken(page: Page): Promise<PadsOfTest["shaken"]> {
  return page.evaluate(() => (window as unknown as { padsOfTest: PadsOfTest }).padsOfTest.shaken.splice(0));
}

/** What the game has told so far. */
function told(): Line[] {
  const log = find(product.data, "padtest.log");
  if (!log) return [];
  return readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
}

function find(dir: string, name: string): string | undefined {
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (entry.name === name) return join(entry.parentPath, name);
  }
  return undefined;
}

async function untilTold(line: Partial<Line>): Promise<void> {
  const fits = (one: Line) => Object.entries(line).every(([key, value]) => one[key as keyof Line] === value);
  await expect.poll(() => told().some(fits), { timeout: 20_000, interval: 20, message: JSON.stringify(line) }).toBe(true);
}

const names: Record<number, string> = {
  0: "a", 1: "b", 2: "x", 3: "y", 4: "leftshoulder", 5: "rightshoulder", 8: "back", 9: "start", 10: "leftstick",
  11: "rightstick", 12: "dpup", 13: "dpdown", 14: "dpleft", 15: "dpright", 16: "guide",
};

test("a game sees four pads of the browser's by SDL's standard mapping, and shakes the right one", async () => {
  const { page } = player;
  await startGame(page, /Pad Test/);
  await untilPlaying(page);
  for (let pad = 0; pad < 4; pad++) {
    await act(page, "plug", pad, true);
    await untilTold({ event: "added", pad });
  }
  await expect.poll(() => page.getByTestId("gamepads").innerText()).toMatch(/1\s*2\s*3\s*4/);
  await keepShot(page, "gamepads");
  for (let pad = 0; pad < 4; pad++) {
    for (const [button, name] of Object.entries(names)) {
      await act(page, "press", pad, Number(button), 1);
      await untilTold({ event: "button", pad, name, down: true });
      await act(page, "press", pad, Number(button), 0);
    }
    for (const [axis, name] of ["leftx", "lefty", "rightx", "righty"].entries()) {
      await act(page, "tilt", pad, axis, pad % 2 ? 1 : -1);
      await untilTold({ event: "axis", pad, name, value: pad % 2 ? 32767 : -32767 });
      await act(page, "tilt", pad, axis, 0);
    }
    await act(page, "press", pad, 6, 1);
    await untilTold({ event: "axis", pad, name: "lefttrigger", value: 32767 });
    await act(page, "press", pad, 7, 1);
    await untilTold({ event: "axis", pad, name: "righttrigger", value: 32767 });
  }
  // back has shaken each pad for a second, and start for ever until x stopped it.
  const shakes = await shaken(page);
  for (let pad = 0; pad < 4; pad++) {
    const own = shakes.filter((shake) => shake.pad === pad);
    expect(own.some(({ strong, weak }) => strong === 1 && weak > 0.2 && weak < 0.3)).toBe(true);
  }
  await act(page, "press", 2, 8, 1);
  await expect.poll(() => shaken(page), { timeout: 20_000 }).toContainEqual(expect.objectContaining({ pad: 2, strong: 1 }));
  await expect.poll(() => shaken(page), { timeout: 20_000 }).toContainEqual({ pad: 2, strong: 0, weak: 0, ms: 0 });
});

test("pads come and go, and a storm of them ends where the player is", async () => {
  const { page } = player;
  await act(page, "plug", 1, false);
  await untilTold({ event: "removed", pad: 1 });
  await expect.poll(() => page.getByTestId("gamepads").innerText()).toMatch(/^1\s*3\s*4\s/);
  const began = told().length;
  await page.evaluate(async () => {
    const pads = (window as unknown as { padsOfTest: PadsOfTest }).padsOfTest;
    for (let i = 0; i < 500; i++) {
      pads.tilt(0, 0, Math.sin(i));
      pads.press(3, 5, i % 2);
      if (i % 50 === 0) pads.plug(1, i % 100 === 0);
      await new Promise((done) => setTimeout(done, 2));
    }
    pads.tilt(0, 0, 0.5);
    pads.press(3, 5, 0);
  });
  await untilTold({ event: "axis", pad: 0, name: "leftx", value: 16384 });
  await expect
    .poll(() => told().findLast(({ event, pad, name }) => event === "button" && pad === 3 && name === "rightshoulder")?.down)
    .toBe(false);
  keepFigures("gamepad-storm", { lines: told().length - began });
  await endSession(page);
});
