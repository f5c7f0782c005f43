import { Button, Container, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { unwrap } from "../api/client";
import { useAccount } from "../api/queries";
import { useServices } from "../services";
import { Logo } from "../ui/Logo";
import { IconClock } from "../ui/icons";
import { duration } from "../ui/words";
import css from "./Shell.module.css";

/** The header and, below it, the page. */
export function Shell() {
  return (
    <>
      <a href="#content" className={css.skip}>
        Skip to the content
      </a>
      <header className={css.header}>
        <Container size="lg" className={css.bar}>
          <Link to="/" className={css.brand} aria-label="playcast">
            <Logo />
            <span>playcast</span>
          </Link>
          <nav aria-label="Main" className={css.nav}>
            <Link to="/" className={css.link}>
              Library
            </Link>
            <Link to="/history" className={css.link}>
              History
            </Link>
            <Link to="/recordings" className={css.link}>
              Recordings
            </Link>
          </nav>
          <Who />
        </Container>
      </header>
      <Container component="main" id="content" size="lg" py="xl" tabIndex={-1} className={css.main}>
        <Outlet />
      </Container>
    </>
  );
}

/** The time on the account, the player's name, and the way out. */
function Who() {
  const { api, auth } = useServices();
  const account = useAccount();
  const me = useQuery({ queryKey: ["me"], queryFn: () => unwrap(api.GET("/v1/me")), staleTime: Infinity });
  return (
    <div className={css.who}>
      {account.data && (
        <span className={css.time} title="Metered time on your account">
          <IconClock size={16} />
          <span data-testid="account-time">{duration(account.data.playedMs)}</span>
          <span className={css.wide}>played</span>
        </span>
      )}
      {me.data && (
        <Text size="sm" fw={550} className={css.wide}>
          {me.data.name}
        </Text>
      )}
      <Button size="xs" variant="default" onClick={() => void auth.signOut()}>
        Sign out
      </Button>
    </div>
  );
}
