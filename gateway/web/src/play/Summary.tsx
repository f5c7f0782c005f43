import { Button, Text, Title } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import type { Session } from "../api/client";
import { isHost } from "../api/people";
import { useRequestSession } from "../api/queries";
import { isSettled } from "../api/sessions";
import { Problem } from "../ui/Notice";
import { duration, outcome, savesTroubles } from "../ui/words";
import css from "./Waiting.module.css";

/** What a session was, after its end, and the ways on; a guest is told nothing of the host's bill. */
export function Summary({ session, art }: { session: Session; art: string | undefined }) {
  const host = isHost(session);
  const navigate = useNavigate();
  const request = useRequestSession();
  const again = () =>
    request.mutate(session.game, {
      onSuccess: ({ id }) => void navigate({ to: "/play/$session", params: { session: id } }),
    });
  return (
    <main className={css.page} data-state={session.state}>
      {art && <img src={art} alt="" className={css.backdrop} />}
      <div className={css.card}>
        <Text c="dimmed" size="sm">
          {session.title}
        </Text>
        <div role="status" aria-live="polite">
          <Title order={1} size="h2">
            {session.state === "failed" ? "The session broke off" : "Well played"}
          </Title>
          <Text c="dimmed" mt="xs">
            {outcome(session, host)}.
          </Text>
          {session.savesTrouble && (
            <Text mt="xs" data-testid="saves">
              {savesTroubles[session.savesTrouble]}
            </Text>
          )}
        </div>
        <dl className={css.figures}>
          <div>
            <dt>Time played</dt>
            <dd>{duration(session.playedMs)}</dd>
          </div>
          {host ? (
            <div>
              <dt>Time billed</dt>
              <dd data-testid="billed">{isSettled(session) ? duration(session.billedMs) : "…"}</dd>
            </div>
          ) : (
            <div>
              <dt>You were a guest of</dt>
              <dd>{session.people?.host ?? "the host"}</dd>
            </div>
          )}
          {host && session.quality && (
            <div>
              <dt>Round trip</dt>
              <dd>{Math.round(session.quality.path.roundTripMs)} ms</dd>
            </div>
          )}
        </dl>
        {request.isError && <Problem error={request.error} />}
        <div className={css.buttons}>
          <Link to="/" className={css.back}>
            Back to the library
          </Link>
          <Button loading={request.isPending} onClick={again}>
            {host ? "Play again" : "Play it yourself"}
          </Button>
        </div>
      </div>
    </main>
  );
}
