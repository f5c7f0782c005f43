import { CloseButton } from "@mantine/core";
import { useState } from "react";
import type { Session } from "../api/client";
import { ends } from "../ui/words";
import { isSaid, nameOf } from "./ending";
import css from "./Stage.module.css";
import { useCountdown } from "./useCountdown";

/** Says that the session will end, and why, so that the player can save. */
export function EndNotice({ warning, onClose }: { warning: NonNullable<Session["warning"]>; onClose: () => void }) {
  const [away, putAway] = useState("");
  const seconds = useCountdown(Date.parse(warning.endsAt));
  const close = () => {
    putAway(nameOf(warning));
    onClose();
  };
  if (away === nameOf(warning) || !isSaid(warning, seconds)) return null;
  return (
    <div className={css.ending} data-testid="ending">
      <span role="status">{ends(seconds, warning.reason)}</span>
      <CloseButton size="sm" aria-label="Put the warning away" onClick={close} />
    </div>
  );
}
