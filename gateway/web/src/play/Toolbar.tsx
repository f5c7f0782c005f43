import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode, RefObject } from "react";
import type { Session } from "../api/client";
import type { useSessionCommand } from "../api/queries";
import { isHost, useMe } from "../api/people";
import { Logo } from "../ui/Logo";
import { IconChart, IconFullscreen, IconPause, IconPlay, IconSound, IconSoundOff, IconStop } from "../ui/icons";
import { LeaveButton } from "./PeoplePanel";
import css from "./Stage.module.css";
import { Tool } from "./Tool";
import type { Sound } from "./useSound";

export type Command = ReturnType<typeof useSessionCommand>;

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
  return (
    <div ref={bar} className={css.bar} role="toolbar" aria-label="Session">
      <Link to="/" className={css.home} aria-label="Leave to the library; the session stays">
        <Logo size={24} />
      </Link>
      <h1 className={css.title}>{session.title}</h1>
      <div className={css.tools}>
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
      </div>
      <div className={css.buttons}>
        {isHost(session) ? <HostTools session={session} command={command} /> : <GuestTools session={session} />}
      </div>
    </div>
  );
}

/** What the session's own player can do to it. */
function HostTools({ session, command }: { session: Session; command: Command }) {
  const paused = session.state === "paused";
  return (
    <>
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
    </>
  );
}

/** What a guest can do: they leave what goes on without them. */
function GuestTools({ session }: { session: Session }) {
  const me = useMe();
  return me.data ? <LeaveButton session={session} player={me.data.player} /> : null;
}
