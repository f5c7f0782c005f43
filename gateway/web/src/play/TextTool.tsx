import { ActionIcon, Button, Textarea } from "@mantine/core";
import { useState } from "react";
import { IconText } from "../ui/icons";
import css from "./Clipboard.module.css";
import { split } from "./clipboard";
import type { Peer } from "./peer";
import { say } from "./say";
import { Tool } from "./Tool";

/** A field whose text is typed into the game: it brings up the keyboard of a screen, and takes what is pasted. */
export function TextTool({ peer, onClose }: { peer: Peer | null; onClose: () => void }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const close = () => {
    setOpen(false);
    onClose();
  };
  const type = (typed: string) => {
    if (peer) for (const part of split(typed)) say(peer.control, { type: "text", text: part });
    setText("");
  };
  return (
    <>
      <Tool label="Type text" pressed={open} disabled={!peer} onClick={() => (open ? close() : setOpen(true))}>
        <IconText />
      </Tool>
      {open && peer && (
        <form
          className={css.entry}
          onSubmit={(event) => {
            event.preventDefault();
            if (text) type(text);
          }}
        >
          <Textarea
            aria-label="Text for the game"
            placeholder="Text for the game"
            autosize
            autoFocus
            maxRows={4}
            style={{ flex: 1 }}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") close();
              if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              type(text || "\n");
            }}
          />
          <ActionIcon size="lg" variant="default" aria-label="Enter" onClick={() => type("\n")}>
            ⏎
          </ActionIcon>
          <Button type="submit" disabled={!text}>
            Type
          </Button>
        </form>
      )}
    </>
  );
}
