import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Page } from "playwright-core";

/** Where screenshots and logs are kept. */
export function resultsDir(): string {
  const dir = resolve(process.env.PLAYCAST_TEST_RESULTS ?? "../../test-results");
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** Keeps what a page looks like as a test result. */
export async function keepShot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${resultsDir()}/${name}.png` });
}

/** Keeps what was measured as a test result, and prints it. */
export function keepFigures(name: string, figures: Record<string, unknown>): void {
  const text = JSON.stringify(figures);
  writeFileSync(`${resultsDir()}/${name}.json`, `${text}\n`);
  console.log(`${name}: ${text}`);
}
