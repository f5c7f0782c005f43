import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { barriers } from "./harness/access";
import { endAll, stateOf } from "./harness/gateway";
import { difference, readPicture } from "./harness/picture";
import { endSession, signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { startPublicPlayer, type PublicPlayer } from "./harness/publicplayer";
import { keepShot } from "./harness/results";
import { readStrips } from "./harness/strip";

let browser: Browser;
let elsewhere: PublicPlayer;
let host: Player;
let guest: Player;

beforeAll(async () => {
  browser = await startBrowser();
  elsewhere = await startPublicPlayer();
  host = await signIn(browser, "player1");
  guest = await signIn(browser, "player2");
});
afterAll(async () => {
  await endAll(host.token);
  await elsewhere.stop();
  await browser.close();
});

/** Gives an invitation in the people panel, and answers its link. */
async function invite(page: Page, kind: "play" | "watch"): Promise<string> {
  await page.getByRole("button", { name: `Invite to ${kind}` }).click();
  const link = page.getByLabel(`Link to ${kind}`, { exact: true });
  await link.waitFor();
  return link.inputValue();
}

/** Holds that a page's video moves. */
async function moves(page: Page): Promise<void> {
  const frames = () =>
    page.locator("video").evaluate((video) => (video as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames);
  await expect.poll(frames, { timeout: 30_000 }).toBeGreaterThan(0);
  const before = await frames();
  await expect.poll(frames, { timeout: 15_000 }).toBeGreaterThan(before + 10);
}

test("a host shares a game: a guest plays, others watch, and all go when told", async () => {
  await startGame(host.page, /Latency Lab/);
  await untilPlaying(host.page);
  const session = host.page.url().split("/").at(-1) ?? "";
  await host.page.getByRole("button", { name: "People" }).click();
  const toPlay = await invite(host.page, "play");
  const toWatch = await invite(host.page, "watch");

  // The guest joins by the link, and has no keyboard until it is given.
  await guest.page.goto(toPlay);
  await guest.page.getByRole("heading", { name: /invites you/ }).waitFor();
  expect(await barriers(guest.page)).toEqual([]);
  await keepShot(guest.page, "join");
  await guest.page.getByRole("button", { name: "Join the game" }).click();
  await untilPlaying(guest.page);
  await guest.page.getByTestId("seat").getByText("1 gamepad").waitFor();
  const inputs = async () => (await readStrips(host.page))?.inputs;
  await expect.poll(inputs, { timeout: 20_000 }).toBeTypeOf("number");
  const before = (await inputs()) ?? 0;
  await guest.page.getByRole("application").focus();
  await guest.page.keyboard.press("KeyA");
  const row = host.page.getByTestId("guest");
  await row.getByRole("switch", { name: /Keyboard and mouse/ }).click();
  await guest.page.getByTestId("seat").getByText("keyboard and mouse").waitFor();
  await guest.page.getByRole("application").focus();
  await guest.page.keyboard.press("KeyB");
  await expect.poll(inputs).toBe(before + 1);
  await host.page.getByRole("application").focus();
  await host.page.keyboard.press("KeyC"); // it is the guest's now
  await row.getByRole("switch", { name: /Keyboard and mouse/ }).click();
  await guest.page.getByTestId("seat").getByText("keyboard and mouse").waitFor({ state: "detached" });
  await host.page.getByRole("application").focus();
  await host.page.keyboard.press("KeyD");
  await expect.poll(inputs).toBe(before + 2);

  // Somebody who is not signed in watches; so does a player that is none of ours, from another site.
  const stranger = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const watching = await stranger.newPage();
  await watching.goto(toWatch);
  await moves(watching);
  expect(difference(await readPicture(watching), await readPicture(host.page))).toBeLessThan(40);
  const code = toWatch.split("/").at(-1) ?? "";
  const other = await stranger.newPage();
  await other.goto(`${elsewhere.url}?whep=${encodeURIComponent(`${inject("url")}/v1/watch/${code}/whep`)}`);
  await moves(other);
  await watching.getByTestId("watching").getByText("2 people are watching").waitFor();
  await host.page.getByTestId("watching").getByText("2 people are watching").waitFor();
  expect(await barriers(watching)).toEqual([]);
  expect(await barriers(host.page)).toEqual([]);
  await keepShot(watching, "watch");
  await keepShot(host.page, "people");
  await keepShot(guest.page, "guest");
  await keepShot(other, "public-player");

  // Withdrawing sends away who came by it; removing keeps the guest out.
  await host.page.getByRole("button", { name: "Withdraw the link to watch" }).click();
  await watching.getByRole("heading", { name: "That was it" }).waitFor();
  await row.getByRole("button", { name: /Remove/ }).click();
  await guest.page.getByRole("heading", { name: "You have left this game" }).waitFor();
  await guest.page.goto(toPlay);
  await guest.page.getByRole("button", { name: "Join the game" }).click();
  await guest.page.getByText(/You were removed/).waitFor();
  expect(await stateOf(host.token, session)).toBe("active");
  await stranger.close();
  await host.page.getByRole("button", { name: "Close the people panel" }).click();
  await endSession(host.page);
  await guest.page.goto(toPlay);
  await guest.page.getByText(/does not work/).waitFor();
});
