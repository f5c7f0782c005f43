import { Alert, Button, Center, Loader, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { wordsOf } from "../api/problem";

/** Something did not work: what, and the way on. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <Alert color="red" variant="light" role="alert" title="That did not work">
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
