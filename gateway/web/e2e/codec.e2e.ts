import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endSession, signIn, startBrowser, startGame, untilPlaying } from "./harness/player";
import { startProduct, type Product } from "./harness/product";

// Small, since AV1 is made in software here.
const games = `games:
  - {id: latency-lab, title: Latency Lab, command: ["{playcast}", lab], width: 320, height: 240, frameRate: 30}
`;

const directory = mkdtempSync(join(tmpdir(), "playcast-e2e-games-"));
let browser: Browser;
let product: Product;

beforeAll(async () => {
  const catalog = join(directory, "games.yaml");
  writeFileSync(catalog, games);
  product = await startProduct("--encoder", "libav-libaom", "--games", catalog);
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await product.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Lets the test look at the statistics of the page's connections. */
async function keepConnections(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const kept: RTCPeerConnection[] = [];
    const Plain = RTCPeerConnection;
    window.RTCPeerConnection = class extends Plain {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        kept.push(this);
      }
    };
    Object.assign(window, { kept });
  });
}

interface Video {
  codec: string;
  frames: number;
}

function videoOf(page: Page): Promise<Video | undefined> {
  return page.evaluate(async () => {
    const [connection] = (window as unknown as { kept: RTCPeerConnection[] }).kept;
    const report = new Map<string, Record<string, unknown>>();
    (await connection?.getStats())?.forEach((entry: Record<string, unknown>, id) => report.set(id, entry));
    const video = [...report.values()].find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
    const codec = report.get(String(video?.codecId));
    return video && { codec: String(codec?.mimeType), frames: Number(video.framesDecoded) };
  });
}

test("a page that prefers H.264 plays what the worker makes", async () => {
  const { page } = await signIn(browser, "player1", product);
  await keepConnections(page);
  await startGame(page, /Latency Lab/);
  await untilPlaying(page);
  await expect.poll(async () => (await videoOf(page))?.frames, { timeout: 30_000 }).toBeGreaterThan(30);
  expect((await videoOf(page))?.codec).toBe("video/AV1");
  await endSession(page);
});
