import { Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState, type RefObject } from "react";
import { useCutClip, useFileLink, useRecording, type Clip, type Recording } from "../api/recordings";
import { Loading, Problem } from "../ui/Notice";
import { duration, moment } from "../ui/words";
import css from "./Recording.module.css";
import { Download } from "./RecordingsPage";
import { clock, remark, size } from "./times";
import { usePlayback } from "./usePlayback";

/** One recording: to play, to seek in, and to cut clips of. */
export function RecordingPage({ id }: { id: string }) {
  const recording = useRecording(id);
  return (
    <Stack gap="lg">
      <Link to="/recordings">All recordings</Link>
      {recording.isPending && <Loading>Looking for the recording…</Loading>}
      {recording.isError && <Problem error={recording.error} retry={() => void recording.refetch()} />}
      {recording.data && <Played recording={recording.data} />}
    </Stack>
  );
}

function Played({ recording }: { recording: Recording }) {
  const video = useRef<HTMLVideoElement>(null);
  const failure = usePlayback(video, recording.id);
  const [shown, setShown] = useState<Clip | null>(null);
  return (
    <>
      <title>{`${recording.title} · Recordings · playcast`}</title>
      <div>
        <Title order={1}>{recording.title}</Title>
        <Text c="dimmed" mt={4}>
          {moment(recording.startedAt)} · {duration(recording.lengthMs)} · {size(recording.bytes)}
          {recording.width ? ` · ${recording.width} × ${recording.height}` : ""}
        </Text>
        {remark(recording) && <Text size="sm">{remark(recording)}</Text>}
      </div>
      {failure && <Problem error={failure} />}
      <video ref={video} className={css.video} controls playsInline data-testid="recording" aria-label={`Recording of ${recording.title}`} />
      {recording.state !== "recording" && <Cutter recording={recording} video={video} />}
      {recording.clips.length > 0 && <Clips recording={recording} onShow={setShown} />}
      {shown && <ShownClip key={shown.id} recording={recording.id} clip={shown} />}
    </>
  );
}

/** Marks where a clip begins and ends, at what the video shows. */
function Cutter({ recording, video }: { recording: Recording; video: RefObject<HTMLVideoElement | null> }) {
  const [fromMs, setFrom] = useState<number | null>(null);
  const [toMs, setTo] = useState<number | null>(null);
  const [title, setTitle] = useState("");
  const command = useCutClip(recording.id);
  const here = () => Math.min(Math.round((video.current?.currentTime ?? 0) * 1000), recording.lengthMs);
  const backwards = fromMs !== null && toMs !== null && toMs <= fromMs;
  const ready = fromMs !== null && toMs !== null && !backwards && title.trim() !== "";
  return (
    <section className={css.cutter} aria-label="Cut a clip">
      <Title order={2} size="h4">
        Cut a clip
      </Title>
      <Group gap="sm" align="flex-end">
        <Button variant="default" onClick={() => setFrom(here())}>
          From {fromMs === null ? "here" : clock(fromMs)}
        </Button>
        <Button variant="default" onClick={() => setTo(here())}>
          To {toMs === null ? "here" : clock(toMs)}
        </Button>
        <TextInput
          label="Title"
          value={title}
          maxLength={100}
          onChange={(event) => setTitle(event.currentTarget.value)}
          className={css.title}
        />
        <Button
          disabled={!ready}
          loading={command.isPending}
          onClick={() =>
            ready && command.mutate({ title, fromMs, toMs }, { onSuccess: () => (setTitle(""), setFrom(null), setTo(null)) })
          }
        >
          Cut
        </Button>
      </Group>
      {backwards && (
        <Text size="sm" role="alert">
          The end has to come after the beginning.
        </Text>
      )}
      {command.isError && <Problem error={command.error} />}
    </section>
  );
}

function Clips({ recording, onShow }: { recording: Recording; onShow: (clip: Clip) => void }) {
  return (
    <section aria-label="Clips">
      <Title order={2} size="h4" mb="sm">
        Clips
      </Title>
      <ul className={css.clips}>
        {recording.clips.map((clip) => (
          <li key={clip.id} className={css.clip} data-clip={clip.id}>
            <div>
              <Text fw={600} size="sm">
                {titleOf(clip)}
              </Text>
              <Text size="xs" c="dimmed">
                {clock(clip.fromMs)} to {clock(clip.toMs)}
              </Text>
            </div>
            <Group gap="xs" wrap="nowrap">
              <Button size="xs" variant="light" onClick={() => onShow(clip)} aria-label={`Play ${titleOf(clip)}`}>
                Play
              </Button>
              <Download recording={recording.id} clip={clip.id} name={titleOf(clip)} />
            </Group>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A clip has no title where the server can't read it any more. */
function titleOf(clip: Clip): string {
  return clip.title || "Untitled clip";
}

/** A clip by itself, from its file: exact at both ends. */
function ShownClip({ recording, clip }: { recording: string; clip: Clip }) {
  const link = useFileLink();
  const { mutate, data, error, isIdle } = link;
  useEffect(() => {
    if (isIdle) mutate({ recording, clip: clip.id });
  }, [isIdle, mutate, recording, clip.id]);
  if (error) return <Problem error={error} />;
  return (
    data && (
      <video
        src={data}
        className={css.video}
        controls
        autoPlay
        playsInline
        data-testid="clip"
        aria-label={`Clip ${titleOf(clip)}`}
        // A link ends after some minutes: who seeks later gets another one.
        onError={() => link.reset()}
      />
    )
  );
}
