import { Container } from "@mantine/core";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useServices } from "../services";
import { Loading, Problem } from "../ui/Notice";

/** The way back from the issuer: spends the code, then goes where the player was. */
export function SignedInPage() {
  const { auth } = useServices();
  const router = useRouter();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    auth.arrive().then((to) => router.history.replace(to), setError);
  }, [auth, router]);
  if (error === undefined) return <Loading>Signing you in…</Loading>;
  return (
    <Container size="xs" pt="20dvh">
      <Problem error={error} retry={() => void navigate({ to: "/", replace: true })} />
    </Container>
  );
}
