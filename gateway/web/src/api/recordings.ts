import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "../api.gen";
import { useServices } from "../services";
import { unwrap, type Session } from "./client";
import { fetchSession, keys } from "./queries";
import { newest } from "./sessions";

export type Recording = components["schemas"]["Recording"];
export type Clip = components["schemas"]["Clip"];

const key = {
  all: ["recordings"] as const,
  one: (id: string) => ["recording", id] as const,
};

/** How often what is still being recorded is asked for again. */
const growEvery = 5_000;

/** The caller's recordings, newest first, page after page. */
export function useRecordings() {
  const { api } = useServices();
  return useInfiniteQuery({
    queryKey: key.all,
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrap(api.GET("/v1/recordings", { params: { query: pageParam ? { cursor: pageParam } : {} } })),
    getNextPageParam: (page) => page.next || undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.recordings.some(isOpen)) ? growEvery : false,
  });
}

function isOpen(recording: Recording): boolean {
  return recording.state === "recording";
}

export function useRecording(id: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: key.one(id),
    queryFn: () => unwrap(api.GET("/v1/recordings/{recording}", { params: { path: { recording: id } } })),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data) ? growEvery : false),
  });
}

/** Begins or stops the recording of a session; answers when the session says so. */
export function useRecordSession(session: string) {
  const { api } = useServices();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: "start" | "stop") => {
      const params = { path: { session }, header: { "Command-Id": crypto.randomUUID() } };
      const path = "/v1/sessions/{session}/recording" as const;
      const accepted = await unwrap(
        wanted === "start" ? api.POST(path, { params, body: { consent: true } }) : api.DELETE(path, { params }),
      );
      return fetchSession(api, session, accepted.position);
    },
    onSuccess: (answered) => {
      cache.setQueryData<Session>(keys.session(session), (known) => newest(known, answered));
      void cache.invalidateQueries({ queryKey: key.all });
    },
  });
}

export interface Cut {
  title: string;
  fromMs: number;
  toMs: number;
}

/** Cuts a clip; answers when the recording shows it. */
export function useCutClip(recording: string) {
  const { api } = useServices();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (cut: Cut) => {
      const { position } = await unwrap(
        api.POST("/v1/recordings/{recording}/clips", {
          params: { path: { recording }, header: { "Command-Id": crypto.randomUUID() } },
          body: cut,
        }),
      );
      return unwrap(api.GET("/v1/recordings/{recording}", { params: { path: { recording }, query: { position } } }));
    },
    onSuccess: (answered) => {
      cache.setQueryData(key.one(recording), answered);
      void cache.invalidateQueries({ queryKey: key.all });
    },
  });
}

/** Deletes a recording; answers when it is gone from the list. */
export function useDeleteRecording() {
  const { api } = useServices();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (recording: string) => {
      const { position } = await unwrap(
        api.DELETE("/v1/recordings/{recording}", {
          params: { path: { recording }, header: { "Command-Id": crypto.randomUUID() } },
        }),
      );
      await unwrap(api.GET("/v1/recordings", { params: { query: { position, limit: 1 } } }));
      return recording;
    },
    onSuccess: (gone) => {
      cache.removeQueries({ queryKey: key.one(gone) });
      return cache.invalidateQueries({ queryKey: key.all });
    },
  });
}

/** A link to the file of a recording or a clip, which works without a sign-in for some minutes. */
export function useFileLink() {
  const { api } = useServices();
  return useMutation({
    mutationFn: async ({ recording, clip }: { recording: string; clip?: string }) => {
      const params = { path: { recording }, query: clip ? { clip } : {} };
      return (await unwrap(api.POST("/v1/recordings/{recording}/link", { params }))).url;
    },
  });
}
