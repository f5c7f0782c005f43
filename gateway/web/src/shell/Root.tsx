import { Outlet, useRouterState } from "@tanstack/react-router";
import { Landing } from "../auth/Landing";
import { useUser } from "../auth/useUser";

/** Shows the pages to who is signed in, and the landing to everybody else. */
export function Root() {
  const user = useUser();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  if (!user && path !== "/signed-in") return <Landing />;
  return <Outlet />;
}
