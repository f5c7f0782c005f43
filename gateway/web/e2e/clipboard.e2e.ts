import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBelow } from "./harness/files";
import { signIn, startBrowser, startGame, untilPlaying } from "./harness/player";
import { startProduct, type Product } from "./harness/product";
import { keepShot } from "./harness/results";

/**
 * At the first V that it is pressed the game pastes into a file, as any client
 * of X would that is told to, and copies the text with a mark at its end; at an L
 * it copies 2 MB.
 */
const games = `games:
  - id: notes
    title: Notes
    command:
      - sh
      - -c
      - |-
        stdbuf -oL xev -event keyboard -geometry 640x360+0+0 | while read -r line; do
          case "$line" in *"keysym 0x76, v"*)
            [ ! -e "$HOME/pasted" ] || continue
            xclip -selection clipboard -o > "$HOME/taken"
            (cat "$HOME/taken"; printf "[end]") | xclip -selection clipboard -i
            mv "$HOME/taken" "$HOME/pasted";;
          *"keysym 0x6c, l"*)
            head -c 2000000 /dev/zero | tr '\\0' x | xclip -selection clipboard -i
          esac
        done
    width: 640
    height: 360
    frameRate: 30
    inputs: [keyboard, mouse-absolute]
`;

const text = "Grüße “€” 日本語 שלום عالم\ne\u0301 n\u0303 😀 👩\u200d🚀 𝄞";

let dir: string;
let product: Product;
let browser: Browser;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "playcast-clipboard-"));
  writeFileSync(join(dir, "games.yaml"), games);
  product = await startProduct("--games", join(dir, "games.yaml"));
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await product.stop();
  rmSync(dir, { recursive: true });
});

test("text is pasted into the game whole, and copied from it", async () => {
  const { page, context } = await signIn(browser, "player1", product);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await startGame(page, /Notes/);
  await untilPlaying(page);
  const stage = page.getByRole("application");
  await stage.focus();
  await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text);
  await page.keyboard.press("Control+KeyV");
  await expect.poll(() => readBelow(product.data, "pasted"), { timeout: 20_000 }).toBe(text);

  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()), { timeout: 20_000 })
    .toBe(`${text}[end]`);
  await expect.poll(() => page.getByTestId("clipboard").innerText()).toBe("Copied from the game");
  await keepShot(page, "copied");

  await page.evaluate(() => navigator.clipboard.writeText("x".repeat(10_000_000)));
  await stage.focus();
  await page.keyboard.press("Control+KeyV");
  await expect.poll(() => page.getByTestId("clipboard").innerText(), { timeout: 10_000 }).toContain("too long");
  await keepShot(page, "too-long");

  await stage.focus();
  await page.keyboard.press("KeyL");
  const notice = () => page.getByTestId("clipboard").innerText();
  await expect.poll(notice, { timeout: 10_000 }).toContain("has copied more than 1 MiB");
  await keepShot(page, "copied-too-long");
  await page.keyboard.press("Control+Alt+KeyM");
  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.locator('main[data-state="ended"]').waitFor({ timeout: 30_000 });
  await context.close();
}, 180_000);
