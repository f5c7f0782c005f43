import { Tooltip } from "@mantine/core";
import { IconGamepad } from "../ui/icons";
import css from "./GamepadSign.module.css";
import type { Gamepads } from "./useGamepads";

/** Says which players in the game the gamepads of this page are; nothing where there is none. */
export function GamepadSign({ seen, places }: Gamepads) {
  const pads = seen.played.flatMap((index, i) => (index === undefined ? [] : [places[i] ?? 0]));
  if (pads.length === 0 && !seen.unknown) return null;
  const inGame = pads.filter((place) => place > 0);
  return (
    <Tooltip label={words(pads.length, inGame, seen.unknown)} withinPortal={false} color="dark.5" c="dark.0">
      <span className={css.sign} data-in-game={inGame.length > 0} data-testid="gamepads">
        <IconGamepad size={20} />
        {inGame.map((place) => (
          <b key={place}>{place}</b>
        ))}
        <span role="status" className="visually-hidden">
          {words(pads.length, inGame, seen.unknown)}
        </span>
      </span>
    </Tooltip>
  );
}

function words(pads: number, inGame: number[], unknown: string): string {
  if (inGame.length > 0) return `Your gamepads are in the game: player ${inGame.join(", ")}`;
  if (pads > 0) return "Press a button to bring your gamepad into the game";
  return `The browser does not know the buttons of “${unknown}”: connect it in another mode (XInput), or use another gamepad`;
}
