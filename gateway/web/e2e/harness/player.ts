import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { expect, inject } from "vitest";
import type { Product } from "./product";

/** Starts a headless Chromium that asks nobody but the product for anything. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROME ?? "/usr/bin/chromium",
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-device-for-media-stream", // a microphone that beeps
    ],
  });
}

/** A person at a browser of their own, signed in. */
export interface Player {
  page: Page;
  context: BrowserContext;
  token: string;
}

/** Signs in through the real sign-in page, as a person does: at the tests' product, or at another; on a screen of another size or kind. */
export async function signIn(browser: Browser, name: string, at?: Product, screen: BrowserContextOptions = {}): Promise<Player> {
  const { url, accounts } = at ?? { url: inject("url"), accounts: inject("accounts") };
  const account = accounts.find((each) => each.name === name);
  if (!account) throw new Error(`playcast printed no account ${name}`);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...screen });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole("button", { name: "Sign in to play" }).click();
  await page.locator('[name="username"]').fill(account.name);
  await page.locator('[name="password"]').fill(account.password);
  await page.locator('[type="submit"]').click();
  await page.getByRole("heading", { name: "Library" }).waitFor();
  return { page, context, token: await tokenOf(page) };
}

/** The page's access token as it is now, from where the page keeps it. */
export async function tokenOf(page: Page): Promise<string> {
  const stored = await page.evaluate(() => {
    const key = Object.keys(sessionStorage).find((name) => name.startsWith("oidc.user:"));
    return key ? sessionStorage.getItem(key) : null;
  });
  const user = JSON.parse(stored ?? "{}") as { access_token?: string };
  if (!user.access_token) throw new Error("the page holds no access token");
  return user.access_token;
}

/** Presses a game's Play button; answers the session's id when its page is open. */
export async function startGame(page: Page, title: RegExp): Promise<string> {
  await page.goto(new URL("/", page.url()).href);
  await page.getByRole("button", { name: new RegExp(`^Play .*${title.source}`) }).click();
  await page.waitForURL(/\/play\//);
  return page.url().split("/").at(-1) ?? "";
}

/** Waits until the game's picture is there and play has begun. */
export async function untilPlaying(page: Page): Promise<void> {
  await page.locator('main[data-state="active"][data-link="connected"]').waitFor({ timeout: 60_000 });
  await expect.poll(() => videoOf(page).evaluate((video) => video.videoWidth), { timeout: 20_000 }).toBeGreaterThan(0);
}

export function videoOf(page: Page, testId = "video") {
  return page.getByTestId(testId) as unknown as {
    evaluate<T>(read: (video: HTMLVideoElement) => T): Promise<T>;
  };
}

/** Ends the session by its button and waits for the summary, bill included. */
export async function endSession(page: Page): Promise<void> {
  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.locator('main[data-state="ended"]').waitFor({ timeout: 30_000 });
  await expect.poll(() => page.getByTestId("billed").innerText(), { timeout: 30_000 }).toMatch(/\d/);
}
