import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { SignedInPage } from "./auth/SignedInPage";
import { HistoryPage } from "./history/HistoryPage";
import { LibraryPage } from "./library/LibraryPage";
import { PlayPage } from "./play/PlayPage";
import { NotFoundPage } from "./shell/NotFoundPage";
import { Root } from "./shell/Root";
import { Shell } from "./shell/Shell";

const root = createRootRoute({ component: Root, notFoundComponent: NotFoundPage });

/** Where the issuer sends the player back to; the one page that needs no sign-in. */
const signedIn = createRoute({
  getParentRoute: () => root,
  path: "/signed-in",
  component: SignedInPage,
});

/** The pages with a header. */
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });
const library = createRoute({ getParentRoute: () => shell, path: "/", component: LibraryPage });
const history = createRoute({
  getParentRoute: () => shell,
  path: "/history",
  component: HistoryPage,
});

/** The play page has the window to itself. */
const play = createRoute({
  getParentRoute: () => root,
  path: "/play/$session",
  component: function Play() {
    const { session } = play.useParams();
    return <PlayPage key={session} id={session} />;
  },
});

export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([signedIn, shell.addChildren([library, history]), play]),
    defaultPreload: false,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
