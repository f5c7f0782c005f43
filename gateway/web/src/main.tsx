import "@mantine/core/styles.css";
import "./ui/app.css";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Boot } from "./Boot";
import { isLater, isRefusal } from "./api/problem";
import { theme } from "./ui/theme";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root element");

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => !isRefusal(error) && failures < 3,
      // What can't be read for a while is read when it can, without anybody's doing.
      refetchInterval: ({ state }) => (isLater(state.error) ? 3_000 : false),
      staleTime: 2_000,
    },
  },
});

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} forceColorScheme="dark">
      <QueryClientProvider client={cache}>
        <Boot />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
