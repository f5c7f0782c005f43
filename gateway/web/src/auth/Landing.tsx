import { Button, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useServices } from "../services";
import { Logo } from "../ui/Logo";
import { Problem } from "../ui/Notice";
import css from "./Landing.module.css";

const facts = [
  ["Nothing to install", "The game runs on a worker; its picture comes to your browser over WebRTC."],
  ["Your hands, at once", "Keyboard and mouse go straight back, also with the pointer locked."],
  ["Only time played counts", "Waiting, pauses and faults of ours are never billed."],
] as const;

/** What everybody sees who is not signed in. */
export function Landing() {
  const { auth } = useServices();
  const signIn = useMutation({
    mutationFn: () => auth.signIn(window.location.pathname + window.location.search),
  });
  return (
    <div className={css.page}>
      <header className={css.brand}>
        <Logo size={32} />
        <span>playcast</span>
      </header>
      <main className={css.main}>
        <div className={css.words}>
          <Title order={1} className={css.title}>
            Real games, in the page, from your own machines.
          </Title>
          <Text c="dimmed" size="lg" maw="32rem">
            Pick a game, press play, and be in it a few seconds later.
          </Text>
          <Button size="lg" loading={signIn.isPending} onClick={() => signIn.mutate()}>
            Sign in to play
          </Button>
          {signIn.isError && <Problem error={signIn.error} />}
        </div>
        <div className={css.art} aria-hidden="true">
          <img src="/art/freedoom2.svg" alt="" />
          <img src="/art/latency-lab.svg" alt="" />
          <img src="/art/freedoom1.svg" alt="" />
        </div>
        <ul className={css.facts}>
          {facts.map(([head, text]) => (
            <li key={head}>
              <Title order={2} size="h5">
                {head}
              </Title>
              <Text c="dimmed" size="sm">
                {text}
              </Text>
            </li>
          ))}
        </ul>
      </main>
    </div>
  );
}
