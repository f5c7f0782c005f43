import { Button, Loader, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Session } from "../api/client";
import { wordsOf } from "../api/problem";
import { useLatest } from "./latest";
import type { Link } from "./link";
import css from "./Stage.module.css";
import type { Command } from "./Toolbar";
import { useCountdown } from "./useCountdown";

interface CoverProps {
  session: Session;
  link: Link;
  drawn: boolean;
  command: Command;
  again: () => void;
}

/** What lies over the picture when it can't be played just now. */
export function Cover({ session, link, drawn, command, again }: CoverProps) {
  const mending = useLatest(link.status === "connected" ? link.peer.mending : undefined);
  if (command.isError) {
    return (
      <Veil title="That did not work" text={wordsOf(command.error)} alert>
        <Button onClick={() => command.reset()}>Back to the game</Button>
      </Veil>
    );
  }
  switch (link.status) {
    case "refused":
      return (
        <Veil title="The picture was refused" text={link.why} alert>
          <Button onClick={again}>Try again</Button>
        </Veil>
      );
    case "replaced":
      return (
        <Veil title="The game is shown elsewhere" text="Another page has taken over this session.">
          <Button onClick={again}>Play here</Button>
        </Veil>
      );
    case "removed":
      return (
        <Veil title="You have left this game" text="The host has taken the seat back. A new invitation brings you in again.">
          <Button onClick={() => window.location.assign("/")}>To the library</Button>
        </Veil>
      );
    case "waiting":
      return <Lost link={link} again={again} />;
    case "off":
    case "connecting":
      return <Wait title={link.status === "connecting" && link.again ? "Reconnecting…" : "Connecting to the picture…"} />;
    case "connected":
      break;
  }
  if (session.state === "paused") {
    return (
      <Veil title="Paused" text="The game stands still, and so does the clock.">
        <Button autoFocus loading={command.isPending} onClick={() => command.mutate("resume")}>
          Resume
        </Button>
      </Veil>
    );
  }
  if (mending) return <Wait title="The network is gone for a moment. Reconnecting…" />;
  return drawn ? null : <Wait title="Waiting for the first frame…" />;
}

function Lost({ link, again }: { link: Extract<Link, { status: "waiting" }>; again: () => void }) {
  const seconds = useCountdown(link.retryAt);
  return (
    <Veil title="The connection was interrupted" text={link.why} alert>
      <Text c="dimmed" aria-hidden="true">
        {seconds > 0 ? `Next attempt in ${seconds} s` : "Trying again…"}
      </Text>
      <Button onClick={again}>Try now</Button>
    </Veil>
  );
}

function Wait({ title }: { title: string }) {
  return (
    <div className={css.veil}>
      <div className={css.wait} role="status">
        <Loader type="dots" aria-hidden="true" />
        <Text>{title}</Text>
      </div>
    </div>
  );
}

interface VeilProps {
  title: string;
  text: string;
  alert?: boolean;
  children: ReactNode;
}

function Veil({ title, text, alert = false, children }: VeilProps) {
  return (
    <div className={css.veil}>
      <div className={css.notice} role={alert ? "alert" : "status"}>
        <Title order={2} size="h3">
          {title}
        </Title>
        <Text c="dimmed">{text}</Text>
        {children}
      </div>
    </div>
  );
}
