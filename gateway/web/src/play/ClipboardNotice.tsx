import { Button, CloseButton } from "@mantine/core";
import css from "./Clipboard.module.css";
import type { Clipboard } from "./useClipboard";

/** Says what became of copied text, or offers it. */
export function ClipboardNotice({ clipboard }: { clipboard: Clipboard }) {
  const { news, copy, dismiss } = clipboard;
  return (
    <div className={css.notice} role="status" data-testid="clipboard" data-empty={news === null}>
      {news?.what === "copied" && <span>Copied from the game</span>}
      {news?.what === "too-long" && <span>That is more than 1 MiB of text: too long to paste into the game</span>}
      {news?.what === "copied-too-long" && (
        <span>The game has copied more than 1 MiB of text: too long to bring to your clipboard</span>
      )}
      {news?.what === "offered" && (
        <>
          <span>The game has copied a text</span>
          <Button size="compact-sm" variant="light" onClick={() => copy(news.text)}>
            Copy
          </Button>
          <CloseButton size="sm" aria-label="Leave it" onClick={dismiss} />
        </>
      )}
    </div>
  );
}
