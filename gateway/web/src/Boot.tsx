import { Container } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createApi, fetchConfig } from "./api/client";
import { Auth } from "./auth/auth";
import { device } from "./live/device";
import { LiveSocket } from "./live/socket";
import { createAppRouter } from "./router";
import { ServicesContext, type Services } from "./services";
import { Loading, Problem } from "./ui/Notice";

const router = createAppRouter();

/** Reads the configuration, finds who is signed in, and then draws the pages. */
export function Boot() {
  const boot = useQuery({ queryKey: ["services"], queryFn: makeServices, staleTime: Infinity });
  if (boot.isPending) return <Loading>Starting playcast…</Loading>;
  if (boot.isError) {
    return (
      <Container size="xs" pt="20dvh">
        <Problem error={boot.error} retry={() => void boot.refetch()} />
      </Container>
    );
  }
  return (
    <ServicesContext value={boot.data}>
      <RouterProvider router={router} />
    </ServicesContext>
  );
}

async function makeServices(): Promise<Services> {
  const { origin } = window.location;
  const auth = new Auth(await fetchConfig(), origin);
  await auth.restore();
  const live = new LiveSocket({
    open: () => new WebSocket(`${origin.replace(/^http/, "ws")}/v1/ws`),
    tokens: auth,
    device: device(),
  });
  auth.subscribe(() => void (auth.user() ? live.renew() : live.close()));
  return { auth, live, api: createApi(origin, auth) };
}
