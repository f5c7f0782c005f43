import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useServices } from "../services";
import { unwrap, type Accepted, type Api, type Session } from "./client";
import { isLater } from "./problem";
import { newest, ordered, type SessionVerb } from "./sessions";

/** The keys of everything that is kept from the gateway. */
export const keys = {
  games: ["games"] as const,
  account: ["account"] as const,
  history: ["sessions"] as const,
  session: (id: string) => ["session", id] as const,
  joined: ["joined"] as const,
  invited: (code: string) => ["invited", code] as const,
};

/** One session, at `position` or later where that is given. */
export function fetchSession(api: Api, id: string, position?: string): Promise<Session> {
  return unwrap(
    api.GET("/v1/sessions/{session}", {
      params: { path: { session: id }, query: position ? { position } : {} },
    }),
  );
}

/** One session as it is after what was accepted; null while that can't be read, and the live session will tell. */
export async function fetchEffect(api: Api, { session, position }: Accepted): Promise<Session | null> {
  try {
    return await fetchSession(api, session, position);
  } catch (error) {
    if (isLater(error)) return null;
    throw error;
  }
}

export function useGames() {
  const { api } = useServices();
  return useQuery({
    queryKey: keys.games,
    queryFn: async () => (await unwrap(api.GET("/v1/games"))).games,
  });
}

export function useAccount() {
  const { api } = useServices();
  return useQuery({ queryKey: keys.account, queryFn: () => unwrap(api.GET("/v1/account")) });
}

/** The caller's sessions, newest first, page after page. */
export function useHistory() {
  const { api } = useServices();
  return useInfiniteQuery({
    queryKey: keys.history,
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrap(api.GET("/v1/sessions", { params: { query: pageParam ? { cursor: pageParam } : {} } })),
    getNextPageParam: (page) => page.next || undefined,
  });
}

/** Asks for a session of a game; answers when the session can be read, or with its id alone. */
export function useRequestSession() {
  const { api } = useServices();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (game: string) => {
      const accepted = await unwrap(
        api.POST("/v1/sessions", {
          params: { header: { "Command-Id": crypto.randomUUID() } },
          body: { game },
        }),
      );
      return { id: accepted.session, session: await fetchEffect(api, accepted) };
    },
    onSuccess: ({ id, session }) => {
      if (session) cache.setQueryData(keys.session(id), session);
      void cache.invalidateQueries({ queryKey: keys.history });
    },
  });
}

function order(api: Api, session: string, verb: SessionVerb): Promise<Accepted> {
  const params = { path: { session }, header: { "Command-Id": crypto.randomUUID() } };
  switch (verb) {
    case "pause":
      return unwrap(api.POST("/v1/sessions/{session}/pause", { params }));
    case "resume":
      return unwrap(api.POST("/v1/sessions/{session}/resume", { params }));
    case "end":
      return unwrap(api.POST("/v1/sessions/{session}/end", { params }));
  }
}

/** Orders a change of one session; answers when the change can be read, or has to be read later. */
export function useSessionCommand(id: string) {
  const { api } = useServices();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (verb: SessionVerb) => {
      const accepted = await order(api, id, verb);
      return { position: accepted.position, session: await fetchEffect(api, accepted) };
    },
    onSuccess: ({ position, session }, verb) => {
      cache.setQueryData<Session>(keys.session(id), (known) => {
        if (session) return newest(known, session);
        return known && ordered(known, verb, position);
      });
      void cache.invalidateQueries({ queryKey: keys.history });
    },
  });
}
