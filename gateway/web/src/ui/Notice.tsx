import { Alert, Button, Center, Loader, Stack, Text } from "@mantine/core";
import { useEffect, useRef, type ReactNode } from "react";
import { wordsOf } from "../api/problem";

/** Something did not work: what, and the way on. It comes into view: what was pressed may be far below. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => shown.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <Alert ref={shown} color="red" variant="light" role="alert" title="That did not work" style={{ scrollMarginTop: "6rem" }}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{wordsOf(error)}</Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Something is on its way. */
export function Loading({ children }: { children: ReactNode }) {
  return (
    <Center mih="40dvh">
      <Stack align="center" gap="md" role="status">
        <Loader type="dots" aria-hidden="true" />
        <Text c="dimmed">{children}</Text>
      </Stack>
    </Center>
  );
}
