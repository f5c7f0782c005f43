import { Kbd } from "@mantine/core";
import css from "./Stage.module.css";
import type { Hold } from "./useCapture";

/** Says how to give keyboard and mouse to the game, and how to get them back. */
export function Hint({ hold, relative }: { hold: Hold; relative: boolean }) {
  if (hold === "locked") return null; // the browser itself says that Esc leads out
  if (relative) {
    return (
      <p className={css.hint} data-testid="hint">
        Click to look around with the mouse. <Kbd>Esc</Kbd> gives it back.
      </p>
    );
  }
  if (hold === "free") {
    return (
      <p className={css.hint} data-testid="hint">
        Click the picture to play.
      </p>
    );
  }
  return (
    <p className={css.hint} data-testid="hint" data-fades="true">
      <Kbd>Ctrl</Kbd> <Kbd>Alt</Kbd> <Kbd>M</Kbd> gives the keyboard back to the page.
    </p>
  );
}
