import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useGuestSessions } from "../api/people";
import css from "./Library.module.css";

/** The way back to each game that somebody else shares with the player. */
export function GuestBanner() {
  const joined = useGuestSessions();
  return joined.data?.map((session) => (
    <section key={session.id} className={css.banner} aria-label={`You are a guest in ${session.title}`}>
      <div>
        <Text fw={600}>You are a guest in {session.title}</Text>
        <Text size="sm" c="dimmed">
          Your seat is kept, and costs you nothing.
        </Text>
      </div>
      <Link to="/play/$session" params={{ session: session.id }} className={css.continue}>
        Go back
      </Link>
    </section>
  ));
}
