import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { act, buildPadGame, fakeGamepads, shaken, told, type Line, type PadGame, type PadsOfTest } from "./harness/pads";
import { endSession, signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { startProduct, type Product } from "./harness/product";
import { keepFigures, keepShot } from "./harness/results";

let browser: Browser;
let product: Product;
let game: PadGame;
let player: Player;
let guest: Player;

beforeAll(async () => {
  game = buildPadGame();
  product = await startProduct("--games", game.catalog);
  browser = await startBrowser();
  player = await withPads("player1");
  guest = await withPads("player2");
});
afterAll(async () => {
  await browser.close();
  await product.stop();
  game.remove();
});

async function withPads(name: string): Promise<Player> {
  const one = await signIn(browser, name, product);
  await one.context.addInitScript(fakeGamepads);
  await one.page.reload();
  return one;
}

async function untilTold(line: Partial<Line>, after = 0): Promise<void> {
  const fits = (one: Line) => Object.entries(line).every(([key, value]) => one[key as keyof Line] === value);
  await expect
    .poll(() => told(product.data).slice(after).some(fits), { timeout: 20_000, interval: 20, message: JSON.stringify(line) })
    .toBe(true);
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
  const began = told(product.data).length;
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
    .poll(() => told(product.data).findLast(({ event, pad, name }) => event === "button" && pad === 3 && name === "rightshoulder")?.down)
    .toBe(false);
  keepFigures("gamepad-storm", { lines: told(product.data).length - began });
  await endSession(page);
});

test("a host and a guest have a pad each, and the guest's is given and taken", async () => {
  const host = player.page;
  await startGame(host, /Pad Test/);
  await untilPlaying(host);
  await act(host, "plug", 0, true);
  await untilTold({ event: "added", pad: 0 });
  await host.getByRole("button", { name: "People" }).click();
  await host.getByRole("button", { name: "Invite to play" }).click();
  const link = host.getByLabel("Link to play", { exact: true });
  await link.waitFor();
  await guest.page.goto(await link.inputValue());
  await guest.page.getByRole("button", { name: "Join the game" }).click();
  await untilPlaying(guest.page);
  const seat = () => guest.page.getByTestId("seat").allInnerTexts();
  await expect.poll(seat, { timeout: 20_000 }).toEqual(["You are a guest: you have 1 gamepad"]);
  await act(guest.page, "plug", 0, true);
  await untilTold({ event: "added", pad: 1 });

  // Each plays on their own, at once; each shake goes to whose pad it is.
  await act(host, "press", 0, 0, 1);
  await act(guest.page, "press", 0, 1, 1);
  await untilTold({ event: "button", pad: 0, name: "a", down: true });
  await untilTold({ event: "button", pad: 1, name: "b", down: true });
  await act(host, "press", 0, 0, 0);
  await act(guest.page, "press", 0, 8, 1);
  await expect.poll(() => shaken(guest.page), { timeout: 20_000 }).toContainEqual(expect.objectContaining({ pad: 0, strong: 1 }));
  expect(await shaken(host)).toEqual([]);
  await act(host, "press", 0, 8, 1);
  await expect.poll(() => shaken(host), { timeout: 20_000 }).toContainEqual(expect.objectContaining({ pad: 0, strong: 1 }));
  expect((await shaken(guest.page)).filter(({ strong }) => strong > 0)).toEqual([]);
  await keepShot(host, "pads-host");
  await keepShot(guest.page, "pads-guest");

  // What is taken is let go of, and gone from the game; it comes again when it is given.
  const give = async (pads: string) => {
    await host.getByTestId("guest").getByRole("combobox", { name: /Gamepads for/ }).selectOption(pads);
  };
  await give("0");
  await untilTold({ event: "removed", pad: 1 });
  await expect.poll(seat, { timeout: 20_000 }).toEqual(["You are a guest and watch for now"]);
  const taken = told(product.data).length;
  await act(guest.page, "press", 0, 2, 1);
  await act(host, "press", 0, 3, 1);
  await untilTold({ event: "button", pad: 0, name: "y", down: true }, taken);
  expect(told(product.data).slice(taken).filter(({ pad }) => pad === 1)).toEqual([]);
  await give("1");
  await untilTold({ event: "added", pad: 1 }, taken);
  await act(guest.page, "press", 0, 4, 1);
  await untilTold({ event: "button", pad: 1, name: "leftshoulder", down: true }, taken);
  await host.getByRole("button", { name: "Close the people panel" }).click();
  await endSession(host);
});
