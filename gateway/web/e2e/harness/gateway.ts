import { inject, vi } from "vitest";

/** What the gateway answered. */
export interface Answer {
  status: number;
  type: string;
  body: Record<string, unknown>;
}

/** Asks the gateway as any client may. An empty token sends none. */
export async function ask(
  token: string,
  method: string,
  path: string,
  body?: string,
  contentType = "application/json",
): Promise<Answer> {
  const response = await fetch(inject("url") + path, {
    method,
    headers: {
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { "Content-Type": contentType }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get("Content-Type") ?? "",
    body: text ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

interface Listed {
  id: string;
  state: string;
}

/** The caller's sessions, newest first. */
export async function sessionsOf(token: string): Promise<Listed[]> {
  const { body } = await ask(token, "GET", "/v1/sessions?limit=100");
  return body.sessions as Listed[];
}

export async function stateOf(token: string, session: string): Promise<unknown> {
  return (await ask(token, "GET", `/v1/sessions/${session}`)).body.state;
}

/** Ends whatever a test left running, so that the next one finds the worker's places free. */
export async function endAll(token: string): Promise<void> {
  const running = ({ state }: Listed) => state !== "ended" && state !== "failed";
  for (const { id, state } of (await sessionsOf(token)).filter(running)) {
    if (state !== "ending") await ask(token, "POST", `/v1/sessions/${id}/end`);
  }
  await vi.waitFor(
    async () => {
      if ((await sessionsOf(token)).some(running)) throw new Error("a session does not end");
    },
    { timeout: 30_000, interval: 500 },
  );
}
