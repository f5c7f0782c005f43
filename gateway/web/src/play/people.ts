import type { Guest } from "../api/client";

/** How a guest is called: by a name, where one is known. */
export function nameOf({ name, player }: Pick<Guest, "name" | "player">): string {
  return name ?? `Player ${player.slice(0, 8)}`;
}

/** What somebody may use, in words. */
export function rightsOf(keyboard: boolean, pads: number): string {
  const parts = keyboard ? ["keyboard and mouse"] : [];
  if (pads > 0) parts.push(pads === 1 ? "1 gamepad" : `${pads} gamepads`);
  return parts.join(", ") || "watches";
}

export function watchingText(watching: number): string {
  if (watching === 0) return "Nobody is watching";
  return watching === 1 ? "1 person is watching" : `${watching} people are watching`;
}

/** The address that an invitation's link leads to. */
export function linkOf(kind: "watch" | "play", code: string, origin: string): string {
  return `${origin}/${kind === "watch" ? "watch" : "join"}/${code}`;
}
