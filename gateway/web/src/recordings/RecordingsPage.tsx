import { Button, Group, Modal, Stack, Table, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useDeleteRecording, useFileLink, useRecordings, type Recording } from "../api/recordings";
import css from "../history/History.module.css";
import { Loading, Problem } from "../ui/Notice";
import { duration, moment } from "../ui/words";
import { remark, size } from "./times";

/** The player's recordings, newest first. */
export function RecordingsPage() {
  const list = useRecordings();
  const recordings = list.data?.pages.flatMap((page) => page.recordings) ?? [];
  const first = list.data?.pages[0];
  return (
    <Stack gap="xl">
      <title>Recordings · playcast</title>
      <div>
        <Title order={1}>Recordings</Title>
        <Text c="dimmed" mt={4}>
          {first && recordings.length > 0
            ? `They take ${size(first.bytes)}.${first.maxBytes ? ` Beyond ${size(first.maxBytes)} the oldest are deleted.` : ""}`
            : "What you record while you play."}
        </Text>
      </div>
      {list.isPending && <Loading>Looking for your recordings…</Loading>}
      {list.isError && <Problem error={list.error} retry={() => void list.refetch()} />}
      {list.data && recordings.length === 0 && (
        <Text>You have recorded nothing yet. While you play, press Record in the bar above the game.</Text>
      )}
      {recordings.length > 0 && <Recordings recordings={recordings} />}
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()} className={css.more}>
          Load more
        </Button>
      )}
    </Stack>
  );
}

function Recordings({ recordings }: { recordings: Recording[] }) {
  const [doomed, setDoomed] = useState<Recording | null>(null);
  return (
    <section className={css.frame} tabIndex={0} aria-label="Your recordings">
      <Table miw={760} verticalSpacing="sm" horizontalSpacing="lg" highlightOnHover>
        <caption className="visually-hidden">Your recordings, newest first</caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Game</Table.Th>
            <Table.Th>Recorded</Table.Th>
            <Table.Th className={css.number}>Length</Table.Th>
            <Table.Th className={css.number}>Size</Table.Th>
            <Table.Th>Kept until</Table.Th>
            <Table.Th>
              <span className="visually-hidden">What can be done</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {recordings.map((recording) => (
            <Row key={recording.id} recording={recording} onDelete={() => setDoomed(recording)} />
          ))}
        </Table.Tbody>
      </Table>
      <Deletion recording={doomed} onClose={() => setDoomed(null)} />
    </section>
  );
}

function Row({ recording, onDelete }: { recording: Recording; onDelete: () => void }) {
  const note = remark(recording);
  const playable = recording.lengthMs > 0;
  const open = recording.state === "recording";
  return (
    <Table.Tr data-recording={recording.id} data-state={recording.state}>
      <Table.Td>
        <Text fw={600} size="sm">
          {playable ? (
            <Link to="/recordings/$recording" params={{ recording: recording.id }}>
              {recording.title}
            </Link>
          ) : (
            recording.title
          )}
        </Text>
        {note && (
          <Text size="xs" className={css.outcome} data-failed={recording.state === "failed"}>
            {note}
          </Text>
        )}
      </Table.Td>
      <Table.Td className={css.quiet}>
        <time dateTime={recording.startedAt}>{moment(recording.startedAt)}</time>
      </Table.Td>
      <Table.Td className={css.number}>{duration(recording.lengthMs)}</Table.Td>
      <Table.Td className={css.number}>{size(recording.bytes)}</Table.Td>
      <Table.Td className={css.quiet}>{recording.keptUntil ? moment(recording.keptUntil) : open ? "" : "You delete it"}</Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap" justify="flex-end">
          <Download recording={recording.id} name={recording.title} disabled={!playable} />
          <Button size="xs" variant="subtle" color="red" disabled={open} onClick={onDelete} aria-label={`Delete ${recording.title}`}>
            Delete
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

interface DownloadProps {
  recording: string;
  clip?: string;
  name: string;
  disabled?: boolean;
}

/** Fetches a link that the browser can follow without a sign-in, and follows it. */
export function Download({ recording, clip, name, disabled = false }: DownloadProps) {
  const link = useFileLink();
  return (
    <Button
      size="xs"
      variant="default"
      disabled={disabled}
      loading={link.isPending}
      aria-label={`Download ${name}`}
      onClick={() =>
        link.mutate(clip ? { recording, clip } : { recording }, { onSuccess: (url) => window.location.assign(url) })
      }
    >
      {link.isError ? "Try again" : "Download"}
    </Button>
  );
}

function Deletion({ recording, onClose }: { recording: Recording | null; onClose: () => void }) {
  const command = useDeleteRecording();
  return (
    <Modal opened={recording !== null} onClose={onClose} title="Delete this recording?" centered closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        <Text size="sm">
          {recording?.title} of {recording && moment(recording.startedAt)}
          {withClips(recording?.clips.length ?? 0)} is gone for good.
        </Text>
        {command.isError && <Problem error={command.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <Button
            color="red"
            loading={command.isPending}
            onClick={() => recording && command.mutate(recording.id, { onSuccess: onClose })}
          >
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** What goes with a recording, as a part of a sentence. */
function withClips(clips: number): string {
  if (clips === 0) return "";
  return clips === 1 ? ", with its clip," : `, with its ${clips} clips,`;
}
