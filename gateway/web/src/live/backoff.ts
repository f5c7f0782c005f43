/**
 * How long to wait before attempt number `attempt` (from 0): half a second that
 * doubles up to `most`, of which a random half is taken away, so that the
 * clients of a gateway that went away don't all come back at once.
 */
export function backoff(attempt: number, random: () => number = Math.random, most = 15_000): number {
  const whole = Math.min(most, 500 * 2 ** Math.min(attempt, 16));
  return whole / 2 + (whole / 2) * random();
}
