import { Outlet, useRouterState } from "@tanstack/react-router";
import { Landing } from "../auth/Landing";
import { useUser } from "../auth/useUser";

/** The pages that need no sign-in. */
const open = /^\/(signed-in$|watch\/)/;

/** Shows the pages to who is signed in, and the landing to everybody else. */
export function Root() {
  const user = useUser();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  if (!user && !open.test(path)) return <Landing />;
  return <Outlet />;
}
