import type { Session } from "../api/client";

/** What the gateway says on the socket. */
export type ServerMessage =
  | { type: "welcome" }
  | { type: "state"; view: "session"; key: string; position: string; state: Session }
  | { type: "error"; key: string; code: string; title: string };

/** What the client says. */
export type ClientMessage =
  | { type: "hello"; token: string; device: string }
  | { type: "watch" | "unwatch"; view: "session"; key: string };

/** Reads one message; null for what this client does not know, which it ignores. */
export function readMessage(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const fields = value as Record<string, unknown>;
  switch (fields.type) {
    case "welcome":
      return { type: "welcome" };
    case "error":
      return {
        type: "error",
        key: String(fields.key ?? ""),
        code: String(fields.code ?? ""),
        title: String(fields.title ?? ""),
      };
    case "state":
      if (fields.view !== "session" || typeof fields.key !== "string") return null;
      if (typeof fields.state !== "object" || fields.state === null) return null;
      return {
        type: "state",
        view: "session",
        key: fields.key,
        position: String(fields.position ?? "0"),
        state: fields.state as Session,
      };
    default:
      return null;
  }
}
