import type { Page } from "playwright-core";
import { videoOf } from "./player";

/** What the Latency Lab's strips say; the streamer's package lab documents them. */
export interface Reading {
  frame: number;
  inputs: number;
}

const columns = 40;
const sync = 0b10110010;
const minContrast = 48;

/** Reads one strip out of the brightness of its 80 blocks; null if it can't be read. */
export function decodeStrip(levels: number[]): Reading | null {
  const bits = [...sync.toString(2)].map((bit) => bit === "1");
  const average = (wanted: boolean) =>
    levels.slice(0, 8).filter((_, i) => bits[i] === wanted).reduce((a, b) => a + b, 0) / 4;
  const white = average(true);
  const black = average(false);
  if (levels.length !== 2 * columns || white - black < minContrast) return null;
  const middle = (white + black) / 2;
  const unclear = (white - black) / 6;
  if (levels.some((level) => Math.abs(level - middle) < unclear)) return null;
  const bytes = Array.from({ length: 10 }, (_, byte) =>
    levels.slice(8 * byte, 8 * byte + 8).reduce((sum, level) => sum * 2 + (level > middle ? 1 : 0), 0),
  );
  if (bytes[0] !== sync || bytes[9] !== checksum(bytes.slice(1, 9))) return null;
  const number = (from: number) => bytes.slice(from, from + 4).reduce((sum, byte) => sum * 256 + byte, 0);
  return { frame: number(1), inputs: number(5) };
}

/** CRC-8/SMBUS. */
export function checksum(bytes: number[]): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : (crc << 1) & 0xff;
  }
  return crc;
}

/** Reads both strips of the picture that a page shows; null if they can't be read, or differ. */
export async function readStrips(page: Page, testId = "video"): Promise<Reading | null> {
  const levels = await videoOf(page, testId).evaluate((video) => {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context || !canvas.width) return [];
    context.drawImage(video, 0, 0);
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    const level = (column: number, row: number) => {
      let sum = 0;
      for (let i = 1; i <= 3; i++) {
        for (let j = 1; j <= 3; j++) {
          const x = Math.floor((width * (4 * column + i)) / 160);
          const y = Math.floor((height * (4 * row + j)) / 180);
          sum += data[4 * (y * width + x) + 1] ?? 0; // black and white: green will do
        }
      }
      return sum / 9;
    };
    return [0, 1, 43, 44].flatMap((row) => Array.from({ length: 40 }, (_, column) => level(column, row)));
  });
  const top = decodeStrip(levels.slice(0, 80));
  const bottom = decodeStrip(levels.slice(80));
  if (!top || !bottom || top.frame !== bottom.frame || top.inputs !== bottom.inputs) return null;
  return top;
}
