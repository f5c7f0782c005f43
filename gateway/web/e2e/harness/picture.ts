import type { Page } from "playwright-core";
import { videoOf } from "./player";

/** The picture of a video at one moment, as the page sees it, in small. */
export interface Picture {
  width: number;
  height: number;
  at: number; // the video's own time, s
  luma: number[]; // 64 by 48
}

export function readPicture(page: Page): Promise<Picture> {
  return videoOf(page).evaluate((video) => {
    const canvas = document.createElement("canvas");
    canvas.width = 64;
    canvas.height = 48;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("the browser gives no canvas");
    context.drawImage(video, 0, 0, 64, 48);
    const { data } = context.getImageData(0, 0, 64, 48);
    const luma: number[] = [];
    for (let i = 0; i < data.length; i += 4) {
      luma.push(0.2126 * (data[i] ?? 0) + 0.7152 * (data[i + 1] ?? 0) + 0.0722 * (data[i + 2] ?? 0));
    }
    return { width: video.videoWidth, height: video.videoHeight, at: video.currentTime, luma };
  });
}

export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How far the values lie around their mean: a picture of one colour has 0. */
export function spread(values: number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** The mean difference of two pictures, place by place. */
export function difference(a: Picture, b: Picture): number {
  return mean(a.luma.map((value, i) => Math.abs(value - (b.luma[i] ?? 0))));
}
