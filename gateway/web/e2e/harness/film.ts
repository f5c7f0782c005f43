import { spawnSync } from "node:child_process";
import { decodeStrip, type Reading } from "./strip";

/** A frame of the Latency Lab in a file, and when it is shown, in s. */
export interface Frame extends Reading {
  at: number;
}

// A block of a strip is 8 by 4 pixels in this size.
const width = 320;
const height = 180;

function ffmpeg(...args: string[]): { out: Buffer; said: string } {
  const { stdout, stderr, status } = spawnSync("ffmpeg", ["-nostdin", ...args, "pipe:1"], { maxBuffer: 2 ** 31 - 1 });
  const said = stderr.toString();
  if (status !== 0) throw new Error(`ffmpeg ended with ${status}: ${said.slice(-2_000)}`);
  return { out: stdout, said };
}

/** The frames that a player shows of a file, decoded by ffmpeg. */
export function framesOf(file: string): Frame[] {
  const { out, said } = ffmpeg(
    ...["-i", file, "-an", "-vf", `showinfo,scale=${width}:${height}:flags=area`],
    ...["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray"],
  );
  const times = [...said.matchAll(/pts_time:\s*([-\d.]+)/g)].map((match) => Number(match[1]));
  const frames: Frame[] = [];
  for (let i = 0; (i + 1) * width * height <= out.length; i++) {
    const reading = read(out.subarray(i * width * height, (i + 1) * width * height));
    const at = times[i];
    if (reading && at !== undefined) frames.push({ ...reading, at });
  }
  return frames;
}

function read(picture: Buffer): Reading | null {
  const level = (column: number, row: number) => {
    let sum = 0;
    for (let i = 1; i <= 3; i++) {
      for (let j = 1; j <= 3; j++) {
        const x = Math.floor((width * (4 * column + i)) / 160);
        const y = Math.floor((height * (4 * row + j)) / 180);
        sum += picture[y * width + x] ?? 0;
      }
    }
    return sum / 9;
  };
  return decodeStrip([0, 1].flatMap((row) => Array.from({ length: 40 }, (_, column) => level(column, row))));
}

const rate = 48_000;

/** When sounds begin in a file after some silence, in s. */
export function onsetsOf(file: string): number[] {
  const { out } = ffmpeg(
    ...["-i", file, "-vn", "-af", "aresample=async=1:first_pts=0"],
    ...["-f", "s16le", "-ac", "1", "-ar", String(rate)],
  );
  const onsets: number[] = [];
  let quiet = rate; // samples since it was loud
  for (let i = 0; 2 * i + 1 < out.length; i++) {
    if (Math.abs(out.readInt16LE(2 * i)) < 1_500) {
      quiet++;
      continue;
    }
    if (quiet > rate / 10) onsets.push(i / rate);
    quiet = 0;
  }
  return onsets;
}
