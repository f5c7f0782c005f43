import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useServices } from "../services";
import { unwrap, type Accepted, type Api, type Guest, type InvitationKind, type Invited, type Session } from "./client";
import { problemOf } from "./problem";
import { fetchEffect, fetchSession, keys } from "./queries";
import { newest } from "./sessions";

/** Whether the caller's own session is meant: only its host is told of invitations. */
export function isHost(session: Session): boolean {
  return session.people?.invitations !== undefined;
}

/** What a code opens; asked without signing in. */
export function useInvited(code: string) {
  return useQuery({
    queryKey: keys.invited(code),
    queryFn: async () => {
      const response = await fetch(`/v1/invitations/${encodeURIComponent(code)}`);
      const body: unknown = await response.json().catch(() => null);
      if (!response.ok) throw problemOf(response.status, body);
      return body as Invited;
    },
  });
}

/** Who is signed in. */
export function useMe() {
  const { api } = useServices();
  return useQuery({ queryKey: ["me"], queryFn: () => unwrap(api.GET("/v1/me")), staleTime: Infinity });
}

/** The sessions that the caller is a guest in. */
export function useGuestSessions() {
  const { api } = useServices();
  return useQuery({
    queryKey: keys.joined,
    queryFn: async () => (await unwrap(api.GET("/v1/guest-sessions"))).sessions,
  });
}

/** Joins by a code; answers with the session when its seat can be read, or with its id alone. */
export function useJoin() {
  const { api } = useServices();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (code: string) => {
      const accepted = await unwrap(
        api.POST("/v1/invitations/{code}", {
          params: { path: { code }, header: { "Command-Id": crypto.randomUUID() } },
        }),
      );
      return { id: accepted.session, session: await fetchEffect(api, accepted) };
    },
    onSuccess: ({ id, session }) => {
      if (session) cache.setQueryData(keys.session(id), session);
      void cache.invalidateQueries({ queryKey: keys.joined });
    },
  });
}

/** Gives an invitation; answers with its code, which is told only now. */
export function useInvite(session: string) {
  const { api } = useServices();
  return useMutation({
    mutationFn: (kind: InvitationKind) =>
      unwrap(api.POST("/v1/sessions/{session}/invitations", { params: { path: { session } }, body: { kind } })),
  });
}

/** A host's or a guest's wish about who is in the session. */
export type PeopleWish =
  | { wish: "withdraw"; invitation: string }
  | { wish: "remove"; player: string }
  | { wish: "control"; player: string; keyboard: boolean; pads: number };

export function controlOf(guest: Guest, change: Partial<Pick<Guest, "keyboard" | "pads">>): PeopleWish {
  return { wish: "control", player: guest.player, keyboard: guest.keyboard, pads: guest.pads, ...change };
}

function order(api: Api, session: string, wish: PeopleWish): Promise<Accepted> {
  const header = { "Command-Id": crypto.randomUUID() };
  switch (wish.wish) {
    case "withdraw":
      return unwrap(
        api.DELETE("/v1/sessions/{session}/invitations/{invitation}", {
          params: { path: { session, invitation: wish.invitation }, header, query: { remove: true } },
        }),
      );
    case "remove":
      return unwrap(
        api.DELETE("/v1/sessions/{session}/guests/{player}", { params: { path: { session, player: wish.player }, header } }),
      );
    case "control":
      return unwrap(
        api.PUT("/v1/sessions/{session}/guests/{player}", {
          params: { path: { session, player: wish.player }, header },
          body: { keyboard: wish.keyboard, pads: wish.pads },
        }),
      );
  }
}

/** Carries out a wish; answers when its effect can be read. */
export function usePeopleWish(id: string) {
  const { api } = useServices();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (wish: PeopleWish) => {
      const accepted = await order(api, id, wish);
      // Who has left can't read the session any more.
      return fetchSession(api, id, accepted.position).catch(() => null);
    },
    onSuccess: (session) => {
      if (session) cache.setQueryData<Session>(keys.session(id), (known) => newest(known, session));
      void cache.invalidateQueries({ queryKey: keys.joined });
    },
  });
}
