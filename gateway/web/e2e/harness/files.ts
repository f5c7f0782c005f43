import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The text of the newest file of that name below a directory; empty if there is none yet. */
export function readBelow(dir: string, name: string): string {
  try {
    const found = readdirSync(dir, { recursive: true, encoding: "utf8" }).find((path) => path === name || path.endsWith(`/${name}`));
    return found === undefined ? "" : readFileSync(join(dir, found), "utf8");
  } catch {
    return ""; // something went away while it was looked at
  }
}
