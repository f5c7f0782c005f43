import { useRef, useState } from "react";
import type { Game, Session } from "../api/client";
import { useSessionCommand } from "../api/queries";
import { ClipboardNotice } from "./ClipboardNotice";
import { Cover } from "./Cover";
import { EndNotice } from "./EndNotice";
import { FigureBoard } from "./FigureBoard";
import { HangNotice } from "./HangNotice";
import { GamepadSign } from "./GamepadSign";
import { Hint } from "./Hint";
import { KeyboardTool } from "./KeyboardTool";
import type { Link } from "./link";
import { MicrophoneTool } from "./MicrophoneTool";
import { PeopleTool } from "./PeopleTool";
import { SeatBanner } from "./SeatBanner";
import css from "./Stage.module.css";
import { RecordingSign, RecordTool } from "./RecordTool";
import { TextTool } from "./TextTool";
import { Toolbar } from "./Toolbar";
import { useCapture } from "./useCapture";
import { useClipboard } from "./useClipboard";
import { useCursor } from "./useCursor";
import { useFigures } from "./useFigures";
import { useGamepads } from "./useGamepads";
import { useKeyboard } from "./useKeyboard";
import { toggleFullscreen } from "./fullscreen";
import { usePicture } from "./usePicture";
import { useSound } from "./useSound";

interface StageProps {
  session: Session;
  inputs: Game["inputs"];
  link: Link;
  again: () => void;
}

/** The picture of the game, what lies over it, and the bar above it. */
export function Stage({ session, inputs, link, again }: StageProps) {
  const frame = useRef<HTMLElement>(null);
  const pad = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const [statistics, setStatistics] = useState(false);
  const command = useSessionCommand(session.id);

  const peer = link.status === "connected" ? link.peer : null;
  const relative = inputs.includes("mouse-relative");
  const playing = session.state === "active" && peer !== null;
  const drawn = usePicture(peer, video);
  const sound = useSound(peer, audio);
  const cursor = useCursor(peer);
  const figures = useFigures(peer);
  const gamepads = useGamepads(peer, playing);
  const keyboard = useKeyboard(peer);
  const clipboard = useClipboard(peer);
  const hold = useCapture({
    peer: playing && keyboard.ready ? peer : null,
    ...{ pad, video, relative, bar, paste: clipboard.paste },
  });
  const focus = () => pad.current?.focus({ preventScroll: true });

  return (
    <main ref={frame} className={css.frame} data-state={session.state} data-link={link.status}>
      <Toolbar
        bar={bar}
        session={session}
        command={command}
        sound={sound}
        statistics={statistics}
        onStatistics={() => setStatistics(!statistics)}
        onFullscreen={() => void toggleFullscreen(frame.current)}
      >
        <RecordTool session={session} />
        <GamepadSign {...gamepads} />
        <KeyboardTool keyboard={keyboard} onClose={focus} />
        <TextTool peer={playing ? peer : null} onClose={focus} />
        <MicrophoneTool peer={playing ? peer : null} />
        <PeopleTool session={session} peer={peer} />
      </Toolbar>
      <div
        ref={pad}
        className={css.pad}
        data-hold={hold}
        data-relative={relative}
        style={{ cursor: relative ? undefined : cursor }}
        role="application"
        tabIndex={0}
        aria-label={`${session.title}: keys and mouse go to the game`}
        aria-describedby="way-out"
      >
        <video ref={video} className={css.video} autoPlay playsInline muted data-testid="video" />
        <audio ref={audio} muted={sound.muted} data-testid="audio" />
        <span id="way-out" className="visually-hidden">
          Control, Alt and M together give keyboard and mouse back to the page.
        </span>
      </div>
      <RecordingSign recorded={Boolean(session.recording)} state={session.state} />
      {playing && drawn && <Hint hold={hold} relative={relative} />}
      <SeatBanner peer={peer} />
      {playing && <HangNotice peer={peer} command={command} />}
      {session.state === "active" && session.warning && <EndNotice warning={session.warning} onClose={focus} />}
      <ClipboardNotice clipboard={clipboard} />
      {statistics && <FigureBoard figures={figures} session={session} />}
      <Cover session={session} link={link} drawn={drawn} command={command} again={again} />
    </main>
  );
}
