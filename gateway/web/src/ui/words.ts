import type { Session, SessionState } from "../api/client";

/** A length of time in words: "42 s", "4 min 05 s", "1 h 02 min". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours > 0) return `${hours} h ${two(minutes % 60)} min`;
  if (minutes > 0) return `${minutes} min ${two(seconds % 60)} s`;
  return `${seconds} s`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A moment in the player's own time and language. */
export function moment(iso: string): string {
  return dayAndTime.format(new Date(iso));
}

const endReasons: Record<string, string> = {
  player: "You ended it",
  "game-exited": "The game was left from within",
  "not-connected": "Nobody connected in time",
  "not-returned": "The connection was lost",
  "paused-long": "It was paused for too long",
  "worker-stopped": "The worker was shut down",
  "longest-session": "It lasted as long as your plan allows",
  idle: "Nobody played for a while",
  "daily-allowance": "Your plan's play of the day is used up",
  guardian: "The time that your guardian allows is up",
  erased: "The player was erased",
  "too-many-sessions": "Your plan allows no more sessions at once",
};

/** As its guests are told, where it is another thing. */
const endReasonsForGuests: Record<string, string> = {
  player: "The host ended it",
  "not-returned": "The host's connection was lost",
  "longest-session": "Its time was up",
  "daily-allowance": "Its time was up",
};

const failureCauses: Record<string, string> = {
  "launch-failed": "The game did not start",
  "launch-timeout": "The game took too long to start",
  "game-crashed": "The game crashed",
  "game-hung": "The game did not answer any more",
  "picture-failed": "The picture could not be captured or encoded",
  "storage-exceeded": "The game kept more than it may in its saves",
  "worker-lost": "The machine that it ran on was lost; the time since then is not billed",
};

const failureCausesForGuests: Record<string, string> = {
  "worker-lost": "The machine that it ran on was lost",
};

const states: Record<SessionState, string> = {
  requested: "Requested",
  queued: "In the queue",
  allocated: "A place is reserved",
  launching: "Starting",
  ready: "Ready",
  active: "Being played",
  paused: "Paused",
  interrupted: "Interrupted",
  ending: "Ending",
  ended: "Ended",
  failed: "Failed",
};

/** How a session came to its end, or where it is: in the words for its host, or for a guest. */
export function outcome(session: Pick<Session, "state" | "endReason" | "failureCause">, host = true): string {
  const { state, endReason, failureCause } = session;
  const ends = host ? endReasons : { ...endReasons, ...endReasonsForGuests };
  const failures = host ? failureCauses : { ...failureCauses, ...failureCausesForGuests };
  if (state === "ended" && endReason) return ends[endReason] ?? endReason;
  if (state === "failed" && failureCause) return failures[failureCause] ?? failureCause;
  return states[state];
}

/** What the player's saves have met, in a sentence; `detail` is not for them. */
export const savesTroubles: Record<NonNullable<Session["savesTrouble"]>, string> = {
  torn: "The game was stopped while it saved: next time goes on from the save before.",
  diverged: "This game was played in two places at once: next time goes on from what was played last.",
  damaged: "Your newest save could not be read, so the game went on from an earlier one.",
  behind: "Your saves could not be reached, so the game began with the copy of this machine.",
  "not-stored": "Your progress is not stored yet: it is safe where you played, and follows as soon as it can.",
  "not-kept": "Your progress could not be stored: it is there only where you played.",
};

/** How many can play a game at once: "1–2 players". */
export function players(most: number): string {
  return most > 1 ? `1–${most} players` : "1 player";
}

/** A place in the queue: "next", "2nd", "3rd", "11th". */
export function place(n: number): string {
  const rule = new Intl.PluralRules("en", { type: "ordinal" }).select(n);
  return `${n}${{ one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" }[rule]}`;
}

/** An estimate of a wait: "less than a minute", "about 2 minutes". */
export function wait(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `about ${minutes === 1 ? "a minute" : `${minutes} minutes`}`;
  const hours = Math.round(minutes / 60);
  return `about ${hours === 1 ? "an hour" : `${hours} hours`}`;
}

/** Where a session waits: "You are 3rd in the queue, about 2 minutes"; the time where it can be said. */
export function queued({ queuePlace, queueWaitMs }: Pick<Session, "queuePlace" | "queueWaitMs">): string {
  if (!queuePlace) return "You are in the queue";
  const told = `You are ${queuePlace === 1 ? "next" : place(queuePlace)} in the queue`;
  return queueWaitMs === undefined ? told : `${told}, ${wait(queueWaitMs)}`;
}

const whyItEnds: Record<string, string> = {
  "longest-session": "your plan's longest session",
  idle: "nobody plays. Any key goes on",
  "daily-allowance": "your plan's play of a day",
  guardian: "your guardian's limit",
};

/** A warning that a session will end, and why: "5 minutes left: your guardian's limit". A guest is not told why. */
export function ends(seconds: number, reason: string | undefined): string {
  const minutes = Math.ceil(seconds / 60);
  const left = seconds <= 30 ? "Less than a minute left" : minutes === 1 ? "1 minute left" : `${minutes} minutes left`;
  const why = reason && (whyItEnds[reason] ?? reason);
  return why ? `${left}: ${why}` : left;
}
