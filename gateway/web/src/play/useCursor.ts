import { useSyncExternalStore } from "react";
import { cursorStyle } from "./control";
import type { Peer } from "./peer";

const stay = () => () => undefined;

/** The CSS of the game's pointer, which the browser draws; undefined for its own. */
export function useCursor(peer: Peer | null): string | undefined {
  return cursorStyle(useSyncExternalStore(peer?.cursor.follow ?? stay, () => peer?.cursor.read()));
}
