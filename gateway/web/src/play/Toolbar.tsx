import { Button } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode, RefObject } from "react";
import type { Session } from "../api/client";
import type { SessionVerb } from "../api/queries";
import { Logo } from "../ui/Logo";
import { IconChart, IconFullscreen, IconPause, IconPlay, IconSound, IconSoundOff, IconStop } from "../ui/icons";
import css from "./Stage.module.css";
import { Tool } from "./Tool";
import type { Sound } from "./useSound";

export type Command = UseMutationResult<Session, Error, SessionVerb>;

interface ToolbarProps {
  bar: RefObject<HTMLDivElement | null>;
  session: Session;
  command: Command;
  sound: Sound;
  statistics: boolean;
  onStatistics: () => void;
  onFullscreen: () => void;
  /** More tools. */
  children: ReactNode;
}

/** What a player can do to a session while its picture is shown. */
export function Toolbar(props: ToolbarProps) {
  const { bar, session, command, sound, statistics, onStatistics, onFullscreen, children } = props;
  const paused = session.state === "paused";
  return (
    <div ref={bar} className={css.bar} role="toolbar" aria-label="Session">
      <Link to="/" className={css.home} aria-label="Leave to the library; the session stays">
        <Logo size={24} />
      </Link>
      <h1 className={css.title}>{session.title}</h1>
      <div className={css.buttons}>
        <Tool label="Statistics" pressed={statistics} onClick={onStatistics}>
          <IconChart />
        </Tool>
        <Tool label={sound.muted ? "Sound on" : "Sound off"} onClick={() => sound.setMuted(!sound.muted)}>
          {sound.muted ? <IconSoundOff /> : <IconSound />}
        </Tool>
        {children}
        <Tool label="Full screen" onClick={onFullscreen}>
          <IconFullscreen />
        </Tool>
        <Tool
          label={paused ? "Resume" : "Pause"}
          disabled={command.isPending || (session.state !== "active" && !paused)}
          onClick={() => command.mutate(paused ? "resume" : "pause")}
        >
          {paused ? <IconPlay /> : <IconPause />}
        </Tool>
        <Button
          size="xs"
          variant="light"
          color="red"
          leftSection={<IconStop size={14} />}
          loading={command.isPending && command.variables === "end"}
          onClick={() => command.mutate("end")}
        >
          End
        </Button>
      </div>
    </div>
  );
}
