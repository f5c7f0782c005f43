import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";

/** A line of the test game's; streamer/gamepad/padtest says which there are. */
export interface Line {
  event: string;
  pad: number;
  name: string;
  down?: boolean;
  value?: number;
}

/** The test game, in a catalog of its own. */
export interface PadGame {
  /** The catalog, for --games. */
  catalog: string;
  remove(): void;
}

/** Builds the test game. */
export function buildPadGame(): PadGame {
  // Not below /tmp: a sandbox has one of its own there.
  mkdirSync(join(homedir(), ".cache"), { recursive: true });
  const folder = mkdtempSync(join(homedir(), ".cache", "playcast-padtest-"));
  const program = join(folder, "padtest");
  const source = resolve("../../streamer/gamepad/padtest/sdl/padtest.c");
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", "sdl2"], { encoding: "utf8" }).trim().split(/\s+/);
  execFileSync("gcc", ["-std=gnu11", "-o", program, source, ...flags]);
  const catalog = join(folder, "games.yaml");
  writeFileSync(
    catalog,
    `games:\n  - {id: padtest, title: Pad Test, command: [${program}], width: 640, height: 360, frameRate: 60, inputs: [gamepad], players: 4}\n`,
  );
  return { catalog, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Headless browsers have no gamepads: this gives them some, which a test moves. */
export function fakeGamepads(): void {
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

export interface PadsOfTest {
  shaken: { pad: number; strong: number; weak: number; ms: number }[];
  plug(index: number, there: boolean): void;
  press(index: number, button: number, value: number): void;
  tilt(index: number, axis: number, value: number): void;
}

type Act = ["plug", number, boolean] | ["press" | "tilt", number, number, number];

/** Moves a page's pads. */
export function act(page: Page, ...[what, ...rest]: Act): Promise<void> {
  return page.evaluate(
    ([name, values]) => {
      const pads = (window as unknown as { padsOfTest: Record<string, (...values: unknown[]) => void> }).padsOfTest;
      pads[name]?.(...values);
    },
    [what, rest] as [string, unknown[]],
  );
}

/** How a page's pads were shaken since the last call. */
export function shaken(page: Page): Promise<PadsOfTest["shaken"]> {
  return page.evaluate(() => (window as unknown as { padsOfTest: PadsOfTest }).padsOfTest.shaken.splice(0));
}

/** What the game of a product has told so far. */
export function told(data: string): Line[] {
  const log = find(data, "padtest.log");
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
