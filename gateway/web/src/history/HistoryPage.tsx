import { Button, Stack, Table, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Session } from "../api/client";
import { useHistory } from "../api/queries";
import { isOver } from "../api/sessions";
import { Loading, Problem } from "../ui/Notice";
import { duration, moment, outcome } from "../ui/words";
import css from "./History.module.css";

/** The player's sessions, newest first. */
export function HistoryPage() {
  const history = useHistory();
  const sessions = history.data?.pages.flatMap((page) => page.sessions) ?? [];
  return (
    <Stack gap="xl">
      <title>History · playcast</title>
      <div>
        <Title order={1}>History</Title>
        <Text c="dimmed" mt={4}>
          Only active play is billed: no waiting, no pauses.
        </Text>
      </div>
      {history.isPending && <Loading>Reading your sessions…</Loading>}
      {history.isError && <Problem error={history.error} retry={() => void history.refetch()} />}
      {history.data && sessions.length === 0 && (
        <Text>You have not played yet. Everything you play will be listed here.</Text>
      )}
      {sessions.length > 0 && <Sessions sessions={sessions} />}
      {history.hasNextPage && (
        <Button
          variant="default"
          loading={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
          className={css.more}
        >
          Load more
        </Button>
      )}
    </Stack>
  );
}

function Sessions({ sessions }: { sessions: Session[] }) {
  return (
    <section className={css.frame} tabIndex={0} aria-label="Your sessions">
      <Table miw={640} verticalSpacing="sm" horizontalSpacing="lg" highlightOnHover>
        <caption className="visually-hidden">Your sessions, newest first</caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Game</Table.Th>
            <Table.Th>Started</Table.Th>
            <Table.Th className={css.number}>Played</Table.Th>
            <Table.Th className={css.number}>Billed</Table.Th>
            <Table.Th>How it ended</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sessions.map((session) => (
            <Row key={session.id} session={session} />
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Row({ session }: { session: Session }) {
  const over = isOver(session.state);
  return (
    <Table.Tr data-session={session.id}>
      <Table.Td fw={600}>{session.title}</Table.Td>
      <Table.Td className={css.quiet}>
        <time dateTime={session.requestedAt}>{moment(session.requestedAt)}</time>
      </Table.Td>
      <Table.Td className={css.number}>{duration(session.playedMs)}</Table.Td>
      <Table.Td className={css.number} data-billed={session.billedMs}>
        {duration(session.billedMs)}
      </Table.Td>
      <Table.Td>
        {over ? (
          <span data-failed={session.state === "failed"} className={css.outcome}>
            {outcome(session)}
          </span>
        ) : (
          <Link to="/play/$session" params={{ session: session.id }} className={css.running}>
            {outcome(session)} · continue
          </Link>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
