import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endAll } from "./harness/gateway";
import { endSession, signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { keepShot } from "./harness/results";

let browser: Browser;
let host: Player;
let guest: Player;

beforeAll(async () => {
  browser = await startBrowser();
  host = await signIn(browser, "player1");
  guest = await signIn(browser, "player2");
});
afterAll(async () => {
  await endAll(host.token);
  await browser.close();
});

/** Gives an invitation in the people panel, and answers its link. */
async function invite(page: Page, kind: "play" | "watch"): Promise<string> {
  await page.getByRole("button", { name: `Invite to ${kind}` }).click();
  return page.getByLabel(`Link to ${kind}`, { exact: true }).inputValue();
}

/** The buttons that can't be pressed as they lie, beyond the page's edge or below something else. */
function hidden(page: Page, among: string): Promise<string[]> {
  return page.evaluate((where) => {
    const buttons = [...document.querySelectorAll(`${where} button, ${where} a`)];
    const reached = (button: Element) => {
      const { left, top, width, height } = button.getBoundingClientRect();
      return button.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    };
    return buttons.filter((button) => !reached(button)).map((button) => button.getAttribute("aria-label") ?? button.textContent);
  }, among);
}

test("every tool and page can be reached on a phone, and on wider screens", async () => {
  const { page } = host;
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await hidden(page, "header"), "pages on a phone").toEqual([]);
  await page.setViewportSize({ width: 1280, height: 800 });
  await startGame(page, /Latency Lab/);
  await untilPlaying(page);
  for (const [width, height] of [[1280, 800], [1024, 768], [844, 390], [390, 844]] as const) {
    await page.setViewportSize({ width, height });
    await expect.poll(() => hidden(page, '[role="toolbar"]')).toEqual([]);
    await keepShot(page, `toolbar-${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
});

test("who watches sees that it is recorded, and a guest's summary has no bill", async () => {
  const { page } = host;
  await page.getByRole("button", { name: "People" }).click();
  const [toPlay, toWatch] = [await invite(page, "play"), await invite(page, "watch")];
  await page.getByRole("button", { name: "Close the people panel" }).click();
  const stranger = await browser.newContext();
  const watching = await stranger.newPage();
  await watching.goto(toWatch);
  await watching.getByTestId("watching").getByText("1 person").waitFor();
  expect(await watching.getByTestId("recording-sign").count()).toBe(0);
  await guest.page.goto(toPlay);
  await guest.page.getByRole("button", { name: "Join the game" }).click();
  await untilPlaying(guest.page);

  await page.getByRole("button", { name: "Record", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox").check();
  await dialog.getByRole("button", { name: "Record" }).click();
  for (const each of [page, guest.page, watching]) await each.getByTestId("recording-sign").waitFor();
  await page.getByRole("button", { name: "Stop recording" }).click();
  for (const each of [page, guest.page, watching]) await each.getByTestId("recording-sign").waitFor({ state: "hidden" });

  await endSession(page);
  await guest.page.getByText("The host ended it.").waitFor();
  expect(await guest.page.getByText(/billed/).count()).toBe(0);
  await keepShot(guest.page, "summary-guest");
  await stranger.close();
});
