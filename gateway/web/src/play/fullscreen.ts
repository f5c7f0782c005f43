/** The Keyboard Lock API, which TypeScript does not know (WICG keyboard-lock). */
interface KeyboardLock {
  lock?: (codes: string[]) => Promise<void>;
  unlock?: () => void;
}

/**
 * Goes to full screen and back. In full screen the Escape key goes to the game
 * where the browser can lock it; held for two seconds it still leads out.
 */
export async function toggleFullscreen(element: HTMLElement | null): Promise<void> {
  const { keyboard } = navigator as Navigator & { keyboard?: KeyboardLock };
  try {
    if (document.fullscreenElement) {
      keyboard?.unlock?.();
      await document.exitFullscreen();
      return;
    }
    await element?.requestFullscreen({ navigationUI: "hide" });
    await keyboard?.lock?.(["Escape"]);
  } catch {
    // The browser refused, as it may: the game goes on in the window.
  }
}
