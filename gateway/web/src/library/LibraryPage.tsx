import { Stack, Text, Title } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useGames, useRequestSession } from "../api/queries";
import { Loading, Problem } from "../ui/Notice";
import { ContinueBanner } from "./ContinueBanner";
import { GameCard } from "./GameCard";
import { GuestBanner } from "./GuestBanner";
import css from "./Library.module.css";

/** Every game, and the one that is running. */
export function LibraryPage() {
  const games = useGames();
  const navigate = useNavigate();
  const request = useRequestSession();
  const play = (game: string) =>
    request.mutate(game, {
      onSuccess: ({ id }) => void navigate({ to: "/play/$session", params: { session: id } }),
    });
  return (
    <Stack gap="xl">
      <title>Library · playcast</title>
      <ContinueBanner />
      <GuestBanner />
      <div>
        <Title order={1}>Library</Title>
        <Text c="dimmed" mt={4}>
          What would you like to play?
        </Text>
      </div>
      {request.isError && <Problem error={request.error} />}
      {games.isPending && <Loading>Reading the library…</Loading>}
      {games.isError && <Problem error={games.error} retry={() => void games.refetch()} />}
      {games.data?.length === 0 && <Text>There are no games yet: games.yaml lists none.</Text>}
      <ul className={css.grid}>
        {games.data?.map((game) => (
          <li key={game.id}>
            <GameCard
              game={game}
              starting={request.isPending && request.variables === game.id}
              disabled={request.isPending}
              onPlay={() => play(game.id)}
            />
          </li>
        ))}
      </ul>
    </Stack>
  );
}
