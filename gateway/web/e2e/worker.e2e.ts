import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endSession, signIn, startBrowser, startGame, untilPlaying } from "./harness/player";
import { startProduct, type Product } from "./harness/product";
import { keepFigures, keepShot } from "./harness/results";

// A platform whose workers are processes of their own.
const secret = ["--worker-secret", "only the tests' processes know this"];

let browser: Browser;
let product: Product;

function startWorker(name: string): Promise<Product> {
  return startProduct("--role", "streamer", "--worker", name, "--slots", "1", "--eventstore", product.store, ...secret);
}

beforeAll(async () => {
  product = await startProduct("--role", "node,gateway,projections,policies", ...secret);
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await product.stop();
});

test("a worker that is killed in mid-game: the page says so within 5 s, and the game is played elsewhere", async () => {
  const first = await startWorker("first");
  const { page } = await signIn(browser, "player1", product);
  await page.getByRole("button", { name: /^Play .*Latency Lab/ }).waitFor();
  await startGame(page, /Latency Lab/);
  await untilPlaying(page);
  await page.waitForTimeout(7_000); // play that a window of quality tells of

  const killed = Date.now();
  await first.kill();
  await page.locator('main[data-state="failed"]').waitFor({ timeout: 20_000 });
  const told = Date.now() - killed;
  keepFigures("worker-lost", { toldAfterMs: told });
  expect(told).toBeLessThan(5_000);
  await expect.poll(() => page.getByRole("heading", { level: 1 }).innerText()).toBe("The session broke off");
  expect(await page.getByText("The machine that it ran on was lost; the time since then is not billed.").isVisible()).toBe(true);
  expect(await page.getByText("Reconnecting").count()).toBe(0);
  await expect.poll(() => page.getByTestId("billed").innerText(), { timeout: 10_000 }).toMatch(/^\d+ s$/);
  await keepShot(page, "worker-lost");

  const second = await startWorker("second");
  await page.getByRole("button", { name: "Play again" }).click();
  await untilPlaying(page);
  await endSession(page);
  await page.context().close();
  await second.stop();
});
