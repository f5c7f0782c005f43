import { cursorStyle } from "./control";
import { useLatest } from "./latest";
import type { Peer } from "./peer";

/** The CSS of the game's pointer, which the browser draws; undefined for its own. */
export function useCursor(peer: Peer | null): string | undefined {
  return cursorStyle(useLatest(peer?.cursor));
}
