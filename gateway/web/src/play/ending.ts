import type { Session } from "../api/client";

/** How long, in seconds, what is said long before the end stays on the picture. */
const saidFor = 20;

/** From here on, in seconds before the end, it stays. */
const stays = 300;

/** Names a warning: another one is shown although this one was put away. */
export function nameOf({ reason, leftS, endsAt }: NonNullable<Session["warning"]>): string {
  return `${reason} ${leftS} ${endsAt}`;
}

/** Whether a warning lies over the picture when some seconds are left: for a while, and in the last minutes until the end. */
export function isSaid(warning: NonNullable<Session["warning"]>, seconds: number): boolean {
  return (seconds > 0 && seconds <= stays) || seconds > warning.leftS - saidFor;
}
