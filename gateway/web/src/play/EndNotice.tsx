import { CloseButton } from "@mantine/core";
import { useState } from "react";
import type { Session } from "../api/client";
import { ends } from "../ui/words";
import { isSaid, nameOf } from "./ending";
import css from "./Stage.module.css";
import { useCountdown } from "./useCountdown";

/** Says that the session will end, and why, so that the player can save. */
export function EndNotice({ warning }: { warning: NonNullable<Session["warning"]> }) {
  const [away, putAway] = useState("");
  const seconds = useCountdown(Date.parse(warning.endsAt));
  if (away === nameOf(warning) || !isSaid(warning, seconds)) return null;
  return (
    <div className={css.ending} data-testid="ending">
      <span role="status">{ends(seconds, warning.reason)}</span>
      <CloseButton size="sm" aria-label="Put the warning away" onClick={() => putAway(nameOf(warning))} />
    </div>
  );
}
