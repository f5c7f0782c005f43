import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { endAll } from "./harness/gateway";
import { endSession, signIn, startBrowser, startGame, untilPlaying, type Player } from "./harness/player";
import { keepShot } from "./harness/results";

let browser: Browser;
let player: Player;

beforeAll(async () => {
  browser = await startBrowser();
  player = await signIn(browser, "player1");
});
afterAll(async () => {
  await endAll(player.token);
  await browser.close();
});

/** Records a session's microphone, as a game does, and keeps how loud it is. */
function record(session: string): { recorder: ChildProcess; loudest: () => number } {
  const server = `unix:${join(inject("data"), "run", `${session}-sound`, "native")}`;
  const recorder = spawn("parec", ["--server", server, "--device", "microphone", "--raw", "--format=s16le", "--channels=1", "--latency-msec=20"]);
  let loudest = 0;
  recorder.stdout.on("data", (part: Buffer) => {
    for (let i = 0; i + 1 < part.length; i += 2) loudest = Math.max(loudest, Math.abs(part.readInt16LE(i)));
  });
  return {
    recorder,
    loudest: () => {
      const was = loudest;
      loudest = 0;
      return was;
    },
  };
}

test("the game hears the microphone while the player has it on", async () => {
  const { page, context } = player;
  const session = await startGame(page, /Latency Lab/);
  await untilPlaying(page);
  const { recorder, loudest } = record(session);
  try {
    await page.getByRole("button", { name: "Microphone on" }).click();
    await expect.poll(() => page.getByRole("alert").filter({ hasText: "may not use the microphone" }).count()).toBe(1);
    expect(loudest()).toBe(0);

    await context.grantPermissions(["microphone"]);
    await page.getByRole("button", { name: /microphone/i }).click();
    await page.getByRole("button", { name: "Microphone off" }).waitFor();
    await expect.poll(loudest, { timeout: 20_000, interval: 500 }).toBeGreaterThan(1_000);
    await keepShot(page, "microphone");

    await page.getByRole("button", { name: "Microphone off" }).click();
    await expect.poll(loudest, { timeout: 20_000, interval: 1_500 }).toBe(0);
  } finally {
    recorder.kill();
  }
  await endSession(page);
});
