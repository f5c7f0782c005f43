/** An answer of the gateway that says why something did not work (RFC 9457). */
export class ProblemError extends Error {
  readonly status: number;
  /** Stable, kebab-case; "" where the answer had no problem body. */
  readonly code: string;

  constructor(status: number, code: string, title: string) {
    super(title);
    this.name = "ProblemError";
    this.status = status;
    this.code = code;
  }
}

/** Reads a problem out of an answer's body, whatever that body is. */
export function problemOf(status: number, body: unknown): ProblemError {
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const code = typeof fields.code === "string" ? fields.code : "";
  const title = typeof fields.title === "string" ? fields.title : `The server answered ${status}.`;
  return new ProblemError(status, code, title);
}

const tooManyRequests = 429;

/** A refusal: the gateway understood, and asking again will not help. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof ProblemError) || error.status === tooManyRequests) return false;
  return error.status >= 400 && error.status < 500;
}

const unread = new Set(["read-side-unavailable", "view-behind"]);

/** Later: what was done is recorded, and can't be shown yet. */
export function isLater(error: unknown): boolean {
  return error instanceof ProblemError && unread.has(error.code);
}

/** The words for a person, for anything that was thrown. */
export function wordsOf(error: unknown): string {
  if (error instanceof ProblemError) return error.message;
  if (error instanceof TypeError) return "playcast can't be reached. Is the connection up?";
  if (error instanceof Error) return error.message;
  return "Something went wrong.";
}
