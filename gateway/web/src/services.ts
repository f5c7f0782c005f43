import { createContext, useContext } from "react";
import type { Api } from "./api/client";
import type { Auth } from "./auth/auth";
import type { LiveSocket } from "./live/socket";

/** What the pages work with; made once, when the configuration is known. */
export interface Services {
  auth: Auth;
  api: Api;
  live: LiveSocket;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error("a page was drawn outside of the services");
  return services;
}
