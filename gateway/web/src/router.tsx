import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { SignedInPage } from "./auth/SignedInPage";
import { HistoryPage } from "./history/HistoryPage";
import { JoinPage } from "./join/JoinPage";
import { LibraryPage } from "./library/LibraryPage";
import { PlayPage } from "./play/PlayPage";
import { RecordingPage } from "./recordings/RecordingPage";
import { RecordingsPage } from "./recordings/RecordingsPage";
import { NotFoundPage } from "./shell/NotFoundPage";
import { Root } from "./shell/Root";
import { Shell } from "./shell/Shell";
import { WatchPage } from "./watch/WatchPage";

const root = createRootRoute({ component: Root, notFoundComponent: NotFoundPage });

/** Where the issuer sends the player back to. */
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

const recordings = createRoute({
  getParentRoute: () => shell,
  path: "/recordings",
  component: RecordingsPage,
});
const recording = createRoute({
  getParentRoute: () => shell,
  path: "/recordings/$recording",
  component: function Recording() {
    const { recording: id } = recording.useParams();
    return <RecordingPage key={id} id={id} />;
  },
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

const join = createRoute({
  getParentRoute: () => root,
  path: "/join/$code",
  component: function Join() {
    const { code } = join.useParams();
    return <JoinPage key={code} code={code} />;
  },
});

/** Anybody may watch who has the link. */
const watch = createRoute({
  getParentRoute: () => root,
  path: "/watch/$code",
  component: function Watch() {
    const { code } = watch.useParams();
    return <WatchPage key={code} code={code} />;
  },
});

export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([signedIn, shell.addChildren([library, history, recordings, recording]), play, join, watch]),
    defaultPreload: false,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
