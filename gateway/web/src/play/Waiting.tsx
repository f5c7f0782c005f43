import { Button, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Session, SessionState } from "../api/client";
import { useSessionCommand } from "../api/queries";
import { Problem } from "../ui/Notice";
import { queued } from "../ui/words";
import css from "./Waiting.module.css";

const steps = ["Request", "Place on a worker", "Start of the game", "Picture"] as const;

/** How far each state is along the steps. */
const stepOf: Partial<Record<SessionState, number>> = {
  requested: 0,
  queued: 1,
  allocated: 2,
  launching: 2,
  ready: 3,
};

/** What happens between the request and the picture, and at the end of play. */
export function Waiting({ session, art }: { session: Session; art: string | undefined }) {
  const command = useSessionCommand(session.id);
  const ending = session.state === "ending";
  return (
    <main className={css.page} data-state={session.state}>
      {art && <img src={art} alt="" className={css.backdrop} />}
      <div className={css.card}>
        <Text c="dimmed" size="sm">
          {session.title}
        </Text>
        <div role="status" aria-live="polite">
          <Title order={1} size="h2">
            {headline(session)}
          </Title>
          <Text c="dimmed" mt="xs">
            {explanation(session)}
          </Text>
        </div>
        {!ending && <Steps now={stepOf[session.state] ?? 0} />}
        {command.isError && <Problem error={command.error} />}
        {!ending && (
          <div className={css.buttons}>
            <Link to="/" className={css.back}>
              Back to the library
            </Link>
            <Button variant="default" loading={command.isPending} onClick={() => command.mutate("end")}>
              {session.state === "queued" ? "Leave the queue" : "Cancel"}
            </Button>
          </div>
        )}
      </div>
    </main>
  );
}

function Steps({ now }: { now: number }) {
  return (
    <ol className={css.steps}>
      {steps.map((step, n) => (
        <li
          key={step}
          data-step={n < now ? "done" : n === now ? "now" : "later"}
          aria-current={n === now ? "step" : undefined}
        >
          {step}
          {n < now && <span className="visually-hidden"> (done)</span>}
        </li>
      ))}
    </ol>
  );
}

function headline(session: Session): string {
  switch (session.state) {
    case "queued":
      return queued(session);
    case "allocated":
      return "A place is yours";
    case "launching":
      return "Starting the game…";
    case "ending":
      return "Ending the session…";
    default:
      return "Asking for a place…";
  }
}

function explanation(session: Session): string {
  switch (session.state) {
    case "queued":
      return "Every place is taken. Yours starts by itself as soon as one is free; you can leave this page and come back.";
    case "allocated":
      return "The worker prepares a display of your own.";
    case "launching":
      return "The game loads. Its picture comes as soon as it draws.";
    case "ending":
      return "The game is closed and its saves are kept.";
    default:
      return "This takes a moment.";
  }
}
