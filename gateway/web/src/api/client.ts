import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "../api.gen";
import { problemOf } from "./problem";

export type Session = components["schemas"]["Session"];
export type SessionState = components["schemas"]["SessionState"];
export type Game = components["schemas"]["Game"];
export type Account = components["schemas"]["Account"];
export type SessionPage = components["schemas"]["SessionPage"];
export type People = components["schemas"]["People"];
export type Guest = components["schemas"]["Guest"];
export type InvitationKind = components["schemas"]["InvitationKind"];
export type Invited = components["schemas"]["Invited"];
export type Accepted = components["schemas"]["Accepted"];
export type Config = components["schemas"]["Config"];
export type Api = Client<paths>;

/** Where a fresh access token comes from. */
export interface TokenSource {
  token(): Promise<string>;
}

/** A typed client of the gateway that signs each request. */
export function createApi(baseUrl: string, tokens: TokenSource): Api {
  const api = createClient<paths>({ baseUrl });
  api.use({
    async onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${await tokens.token()}`);
      return request;
    },
  });
  return api;
}

/** The data of an answer; throws a ProblemError for any answer that is none. */
export async function unwrap<T>(
  answer: Promise<{ data?: T | undefined; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok || data === undefined) throw problemOf(response.status, error);
  return data;
}

/** What a client knows before anybody is signed in. */
export async function fetchConfig(): Promise<Config> {
  const response = await fetch("/v1/config");
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
  return (await response.json()) as Config;
}
