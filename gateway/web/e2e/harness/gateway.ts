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

/** The caller's sessions, newest first. Throws what else is answered, as to one who asks too often. */
export async function sessionsOf(token: string): Promise<Listed[]> {
  const { status, body } = await ask(token, "GET", "/v1/sessions?limit=100");
  if (status !== 200) throw new Error(`sessions are answered ${status}: ${JSON.stringify(body)}`);
  return body.sessions as Listed[];
}

export async function stateOf(token: string, session: string): Promise<unknown> {
  return (await ask(token, "GET", `/v1/sessions/${session}`)).body.state;
}

/** Ends whatever a test left running, so that the next one finds the worker's places free. */
export async function endAll(token: string): Promise<void> {
  const running = ({ state }: Listed) => state !== "ended" && state !== "failed";
  const sessions = await vi.waitFor(() => sessionsOf(token), { timeout: 10_000, interval: 500 });
  for (const { id, state } of sessions.filter(running)) {
    if (state !== "ending") await ask(token, "POST", `/v1/sessions/${id}/end`);
  }
  await vi.waitFor(
    async () => {
      if ((await sessionsOf(token)).some(running)) throw new Error("a session does not end");
    },
    { timeout: 30_000, interval: 500 },
  );
}
