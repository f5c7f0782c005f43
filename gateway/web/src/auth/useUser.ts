import type { User } from "oidc-client-ts";
import { useSyncExternalStore } from "react";
import { useServices } from "../services";

/** Who is signed in, or null. */
export function useUser(): User | null {
  const { auth } = useServices();
  return useSyncExternalStore(auth.subscribe, auth.user);
}
