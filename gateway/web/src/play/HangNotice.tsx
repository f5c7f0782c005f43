import { Button } from "@mantine/core";
import type { Command } from "./Toolbar";
import css from "./Stage.module.css";
import { useLatest } from "./latest";
import type { Peer } from "./peer";

/** Says that the game gives no sign of life; it may only be busy, so the player decides. */
export function HangNotice({ peer, command }: { peer: Peer | null; command: Command }) {
  const answering = useLatest(peer?.answering) ?? true;
  if (answering || !peer) return null;
  const wait = () => {
    if (peer.control.readyState === "open") peer.control.send(JSON.stringify({ type: "game", wait: true }));
    peer.answering.set(true);
  };
  return (
    <div className={css.hang} role="alert" data-testid="hang">
      <span>The game does not answer.</span>
      <Button size="xs" variant="light" onClick={wait}>
        Wait
      </Button>
      <Button size="xs" variant="light" color="red" loading={command.isPending} onClick={() => command.mutate("end")}>
        End it
      </Button>
    </div>
  );
}
