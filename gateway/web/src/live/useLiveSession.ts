import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { Session } from "../api/client";
import { fetchSession, keys } from "../api/queries";
import { isRefusal } from "../api/problem";
import { isOver, newest } from "../api/sessions";
import { useServices } from "../services";

/** How often a session is asked for while the socket is down. */
const pollEvery = 2_000;

/** A session that stays the present one: pushed by the socket, polled while that is down. */
export function useLiveSession(id: string): UseQueryResult<Session> {
  const { api, live } = useServices();
  const cache = useQueryClient();
  const up = useSyncExternalStore(live.onUp, live.up);
  const query = useQuery({
    queryKey: keys.session(id),
    queryFn: async () => newest(cache.getQueryData(keys.session(id)), await fetchSession(api, id)),
    refetchInterval: ({ state }) =>
      up || (state.data && isOver(state.data.state)) || isRefusal(state.error) ? false : pollEvery,
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
