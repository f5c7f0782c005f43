import { Button, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Session } from "../api/client";
import { useHistory, useSessionCommand } from "../api/queries";
import { isLive } from "../api/sessions";
import { useLiveSession } from "../live/useLiveSession";
import { outcome, queued } from "../ui/words";
import css from "./Library.module.css";

/** The way back to each session that is still running. */
export function ContinueBanner() {
  const history = useHistory();
  const live = history.data?.pages[0]?.sessions.filter(({ state }) => isLive(state)) ?? [];
  return live.map((session) => <Running key={session.id} session={session} />);
}

function Running({ session: listed }: { session: Session }) {
  const session = useLiveSession(listed.id).data ?? listed;
  const command = useSessionCommand(session.id);
  if (!isLive(session.state)) return null;
  return (
    <section className={css.banner} aria-label={`${session.title} is running`}>
      <div>
        <Text fw={600}>{session.title} is waiting for you</Text>
        <Text size="sm" c="dimmed">
          {session.state === "queued" ? queued(session) : outcome(session)}
        </Text>
      </div>
      <div className={css.bannerButtons}>
        <Button
          variant="default"
          loading={command.isPending}
          onClick={() => command.mutate("end")}
          aria-label={`End ${session.title}`}
        >
          End
        </Button>
        <Link to="/play/$session" params={{ session: session.id }} className={css.continue}>
          Continue
        </Link>
      </div>
    </section>
  );
}
