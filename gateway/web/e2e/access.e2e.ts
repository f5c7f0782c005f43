import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { barriers } from "./harness/access";
import { endAll } from "./harness/gateway";
import { endSession, signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { keepShot } from "./harness/results";

let browser: Browser;
let player: Player | null = null;

beforeAll(async () => {
  browser = await startBrowser();
});
afterEach(async () => {
  if (player) await endAll(player.token);
  await player?.context.close();
  player = null;
});
afterAll(() => browser.close());

test("no page has a barrier", async () => {
  const visitor = await browser.newPage({ reducedMotion: "reduce" });
  await visitor.goto(inject("url"));
  await visitor.getByRole("button", { name: "Sign in to play" }).waitFor();
  expect(await barriers(visitor), "landing").toEqual([]);
  await keepShot(visitor, "landing");
  await visitor.getByRole("button", { name: "Sign in to play" }).click();
  await visitor.locator('[name="username"]').waitFor();
  expect(await barriers(visitor), "sign-in").toEqual([]);
  await keepShot(visitor, "sign-in");
  await visitor.close();

  const { page } = (player = await signIn(browser, "player2"));
  await page.getByRole("button", { name: /^Play / }).first().waitFor();
  expect(await barriers(page), "library").toEqual([]);
  await startGame(page, /Latency Lab/);
  await untilPlaying(page);
  expect(await barriers(page), "play").toEqual([]);
  await page.getByRole("button", { name: "Keyboard", exact: true }).click();
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  expect(await barriers(page), "keyboard").toEqual([]);
  await page.keyboard.press("Escape");
  await endSession(page);
  expect(await barriers(page), "summary").toEqual([]);
  await page.getByRole("link", { name: "Back to the library" }).click();
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("table").waitFor();
  expect(await barriers(page), "history").toEqual([]);
  await page.setViewportSize({ width: 390, height: 800 });
  expect(await barriers(page), "history on a phone").toEqual([]);
  await keepShot(page, "history-phone");
});

test("the page asks nobody but the gateway, and its policy is kept", async () => {
  const page = await browser.newPage();
  const strangers: string[] = [];
  const complaints: string[] = [];
  const origin = new URL(inject("url")).origin;
  page.on("request", (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol.startsWith("http") && asked !== origin) strangers.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(inject("url"));
  await page.getByRole("button", { name: "Sign in to play" }).waitFor();
  expect(strangers).toEqual([]);
  expect(complaints).toEqual([]);
  const response = await page.request.get(inject("url"));
  expect(response.headers()["content-security-policy"]).toContain("default-src 'self'");
  expect((await page.request.get(`${inject("url")}/play/any`)).headers()["content-type"]).toContain("text/html");
  await page.close();
});

test("a player leaves the game by keyboard alone", async () => {
  const { page } = (player = await signIn(browser, "player1"));
  await startGame(page, /Latency Lab/);
  await untilPlaying(page);
  await page.getByRole("application").focus();
  await page.keyboard.press("Tab"); // goes to the game, and moves no focus
  expect(await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("application");
  await page.keyboard.press("Control+Alt+KeyM");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Statistics");
  await page.keyboard.press("Enter");
  await page.getByTestId("statistics").waitFor();
  await endSession(page);
});
