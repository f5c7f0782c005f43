import { Button, Container, Stack, Text, Title } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useInvited, useJoin } from "../api/people";
import { Loading, Problem } from "../ui/Notice";

/** What a link to play leads to, for who is signed in. */
export function JoinPage({ code }: { code: string }) {
  const invited = useInvited(code);
  const join = useJoin();
  const navigate = useNavigate();
  if (invited.isPending) return <Loading>Looking at the invitation…</Loading>;
  return (
    <Container component="main" size="xs" pt="18dvh">
      <title>Join · playcast</title>
      {invited.isError ? (
        <Stack>
          <Problem error={invited.error} retry={() => void invited.refetch()} />
          <Link to="/">To the library</Link>
        </Stack>
      ) : (
        <Stack gap="lg">
          <div>
            <Title order={1}>{invited.data.host ?? "A player"} invites you</Title>
            <Text c="dimmed" mt={6}>
              {invited.data.kind === "play"
                ? `Play ${invited.data.title} together: bring a gamepad if you have one.`
                : `Watch ${invited.data.title}.`}{" "}
              It costs you nothing.
            </Text>
          </div>
          {join.isError && <Problem error={join.error} />}
          {invited.data.kind === "play" ? (
            <Button
              size="lg"
              loading={join.isPending}
              onClick={() =>
                join.mutate(code, {
                  onSuccess: ({ id }) => void navigate({ to: "/play/$session", params: { session: id } }),
                })
              }
            >
              Join the game
            </Button>
          ) : (
            <Link to="/watch/$code" params={{ code }}>
              Watch
            </Link>
          )}
        </Stack>
      )}
    </Container>
  );
}
