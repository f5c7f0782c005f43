import { Container, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";

export function NotFoundPage() {
  return (
    <Container component="main" size="xs" pt="20dvh">
      <Stack align="flex-start">
        <Title order={1}>There is no such page</Title>
        <Text c="dimmed">The address may be mistyped, or from another version of playcast.</Text>
        <Link to="/" style={{ color: "var(--mantine-color-signal-5)" }}>
          To the library
        </Link>
      </Stack>
    </Container>
  );
}
