import { Button, Text, Title } from "@mantine/core";
import type { Game } from "../api/client";
import { IconGamepad, IconKeyboard, IconMouse, IconPlay } from "../ui/icons";
import { players } from "../ui/words";
import css from "./Library.module.css";

interface GameCardProps {
  game: Game;
  starting: boolean;
  disabled: boolean;
  onPlay: () => void;
}

/** One game of the library, with its button, or with why it has none. */
export function GameCard({ game, starting, disabled, onPlay }: GameCardProps) {
  const heading = `game-${game.id}`;
  return (
    <article className={css.card} aria-labelledby={heading} data-available={game.available}>
      <div className={css.art}>
        <img src={game.art} alt="" width={640} height={360} />
        <span className={css.genre}>{game.genre}</span>
      </div>
      <div className={css.body}>
        <Title order={2} size="h3" id={heading}>
          {game.title}
        </Title>
        <Text c="dimmed" size="sm" className={css.description}>
          {game.description}
        </Text>
        <div className={css.facts}>
          <span>
            {game.width}×{game.height} · {game.frameRate} fps{game.players > 1 && ` · ${players(game.players)}`}
          </span>
          <Inputs game={game} />
        </div>
        {game.available ? (
          <Button
            fullWidth
            leftSection={<IconPlay size={16} />}
            loading={starting}
            disabled={disabled && !starting}
            onClick={onPlay}
            aria-label={`Play ${game.title}`}
          >
            Play
          </Button>
        ) : (
          <p className={css.reason}>
            <strong>Not available.</strong> {game.reason}
          </p>
        )}
      </div>
    </article>
  );
}

function Inputs({ game }: { game: Game }) {
  const mouse = game.inputs.some((input) => input.startsWith("mouse"));
  const gamepad = game.inputs.includes("gamepad");
  return (
    <span className={css.inputs}>
      <span className="visually-hidden">
        Played with {game.inputs.includes("keyboard") && "keyboard"} {mouse && "and mouse"} {gamepad && "or gamepad"}
      </span>
      {game.inputs.includes("keyboard") && <IconKeyboard size={17} />}
      {mouse && <IconMouse size={17} />}
      {gamepad && <IconGamepad size={17} />}
    </span>
  );
}
