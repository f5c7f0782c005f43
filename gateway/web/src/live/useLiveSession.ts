import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { Session } from "../api/client";
import { fetchSession, keys } from "../api/queries";
import { isRefusal } from "../api/problem";
import { isSettled, newest } from "../api/sessions";
import { useServices } from "../services";

/** How often a session is asked for while the socket does not tell of it. */
const pollEvery = 2_000;

/** A session that stays the present one: pushed by the socket, polled while that is down. */
export function useLiveSession(id: string): UseQueryResult<Session> {
  const { api, live } = useServices();
  const cache = useQueryClient();
  const fed = useSyncExternalStore(live.onFeed, () => live.feeds(id));
  const query = useQuery({
    queryKey: keys.session(id),
    queryFn: async () => {
      const answered = await fetchSession(api, id);
      // What was pushed while the answer was on its way may be the newer one.
      return newest(cache.getQueryData(keys.session(id)), answered);
    },
    refetchInterval: ({ state }) =>
      fed || (state.data && isSettled(state.data)) || isRefusal(state.error) ? false : pollEvery,
  });
  useEffect(
    () =>
      live.watch(id, (state) =>
        cache.setQueryData<Session>(keys.session(id), (known) => newest(known, state)),
      ),
    [live, cache, id],
  );
  return query;
}
