import { useLatest } from "./latest";
import type { Peer } from "./peer";
import css from "./People.module.css";
import { rightsOf } from "./people";

/** Tells a guest what they may do in the game. */
export function SeatBanner({ peer }: { peer: Peer | null }) {
  const seat = useLatest(peer?.seat);
  if (seat?.role !== "guest") return null;
  const may = rightsOf(seat.keyboard, seat.pads);
  return (
    <p className={css.seat} role="status" data-testid="seat">
      {may === "watches" ? "You are a guest and watch for now" : `You are a guest: you have ${may}`}
    </p>
  );
}
