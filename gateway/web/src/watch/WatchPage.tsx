import { Button, Container, Loader, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useRef, type ReactNode } from "react";
import type { Invited } from "../api/client";
import { useInvited } from "../api/people";
import { toggleFullscreen } from "../play/fullscreen";
import { useLatest } from "../play/latest";
import type { Link as Connection } from "../play/link";
import { watchingText } from "../play/people";
import { RecordingSign } from "../play/RecordTool";
import css from "../play/Stage.module.css";
import { Tool } from "../play/Tool";
import { useWatching } from "../play/usePeer";
import { usePicture } from "../play/usePicture";
import { useSound } from "../play/useSound";
import { Logo } from "../ui/Logo";
import { Loading, Problem } from "../ui/Notice";
import { IconFullscreen, IconSound, IconSoundOff } from "../ui/icons";

/** What a link to watch leads to: the game's picture and sound, for anybody. */
export function WatchPage({ code }: { code: string }) {
  const invited = useInvited(code);
  const { link, again } = useWatching(code, invited.data?.kind === "watch");
  if (invited.isPending) return <Loading>Looking at the invitation…</Loading>;
  if (invited.isError || invited.data.kind !== "watch") {
    return (
      <Container component="main" size="xs" pt="20dvh">
        <Problem
          error={invited.error ?? new Error("This link is to play. Open it as it was sent.")}
          retry={() => void invited.refetch()}
        />
      </Container>
    );
  }
  return <Screen invited={invited.data} link={link} again={again} />;
}

interface ScreenProps {
  invited: Invited;
  link: Connection;
  again: () => void;
}

function Screen({ invited, link, again }: ScreenProps) {
  const frame = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const peer = link.status === "connected" ? link.peer : null;
  const drawn = usePicture(peer, video);
  const sound = useSound(peer, audio);
  const here = useLatest(peer?.here);
  const watching = here?.watching ?? 0;
  const { title } = invited;
  return (
    <main ref={frame} className={css.frame} data-link={link.status} data-testid="watch">
      <title>{`Watching ${title} · playcast`}</title>
      <div className={css.bar}>
        <Link to="/" className={css.home} aria-label="playcast">
          <Logo size={24} />
        </Link>
        <Title order={1} className={css.title}>
          {title}
        </Title>
        <Text size="sm" c="dimmed" data-testid="watching">
          {watching > 0 && watchingText(watching)}
        </Text>
        <div className={css.buttons}>
          <Tool label={sound.muted ? "Sound on" : "Sound off"} onClick={() => sound.setMuted(!sound.muted)}>
            {sound.muted ? <IconSoundOff /> : <IconSound />}
          </Tool>
          <Tool label="Full screen" onClick={() => void toggleFullscreen(frame.current)}>
            <IconFullscreen />
          </Tool>
        </div>
      </div>
      <div className={css.pad}>
        <video ref={video} className={css.video} autoPlay playsInline muted data-testid="video" />
        <audio ref={audio} muted={sound.muted} data-testid="audio" />
      </div>
      <RecordingSign recorded={here?.recorded ?? invited.recorded} />
      <WatchCover link={link} drawn={drawn} paused={here?.paused ?? false} again={again} />
    </main>
  );
}

/** What lies over the picture while there is none. */
function WatchCover({ link, drawn, paused, again }: { link: Connection; drawn: boolean; paused: boolean; again: () => void }) {
  switch (link.status) {
    case "removed":
      return <Card title="That was it" text="The host does not show this game any more." />;
    case "refused":
      return (
        <Card title="There is nothing to watch" text={link.why}>
          <Button onClick={again}>Try again</Button>
        </Card>
      );
    case "connected":
      if (paused) return <Card title="Paused" text="The game stands still until the host goes on." />;
      return drawn ? null : <Wait text="Waiting for the picture…" />;
    default:
      return <Wait text="Connecting to the picture…" />;
  }
}

function Wait({ text }: { text: string }) {
  return (
    <div className={css.veil}>
      <div className={css.wait} role="status">
        <Loader type="dots" aria-hidden="true" />
        <Text>{text}</Text>
      </div>
    </div>
  );
}

function Card({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className={css.veil}>
      <div className={css.notice} role="alert">
        <Title order={2} size="h3">
          {title}
        </Title>
        <Text c="dimmed">{text}</Text>
        {children}
      </div>
    </div>
  );
}
