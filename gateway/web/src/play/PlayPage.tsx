import { Container } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { isLater } from "../api/problem";
import { keys, useGames } from "../api/queries";
import { isConnectable, isOver } from "../api/sessions";
import { useLiveSession } from "../live/useLiveSession";
import { Loading, Problem } from "../ui/Notice";
import { Stage } from "./Stage";
import { Summary } from "./Summary";
import { usePeer } from "./usePeer";
import { Waiting } from "./Waiting";

/** A session from its request to its summary. */
export function PlayPage({ id }: { id: string }) {
  const session = useLiveSession(id);
  const games = useGames();
  const state = session.data?.state;
  const { link, again } = usePeer(id, state !== undefined && isConnectable(state));
  useRefreshAtEnd(state !== undefined && isOver(state), session.data?.billedMs ?? 0);

  if (!session.data) {
    if (session.isPending) return <Loading>Looking for the session…</Loading>;
    if (isLater(session.error)) return <Loading>The session can’t be shown yet. It will be, in a moment…</Loading>;
    return (
      <Container component="main" size="xs" pt="20dvh">
        <Problem error={session.error} retry={() => void session.refetch()} />
        <p>
          <Link to="/">To the library</Link>
        </p>
      </Container>
    );
  }
  const game = games.data?.find((each) => each.id === session.data.game);
  return (
    <>
      <title>{`${session.data.title} · playcast`}</title>
      {isOver(session.data.state) ? (
        <Summary session={session.data} art={game?.art} />
      ) : isConnectable(session.data.state) ? (
        <Stage session={session.data} inputs={game?.inputs ?? []} link={link} again={again} />
      ) : (
        <Waiting session={session.data} art={game?.art} />
      )}
    </>
  );
}

/** What the end of a session changes elsewhere is read again. */
function useRefreshAtEnd(over: boolean, billedMs: number): void {
  const cache = useQueryClient();
  useEffect(() => {
    if (!over) return;
    void cache.invalidateQueries({ queryKey: keys.account });
    void cache.invalidateQueries({ queryKey: keys.history });
  }, [cache, over, billedMs]);
}
