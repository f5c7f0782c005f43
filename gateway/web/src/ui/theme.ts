import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** The one accent: a mint, bright enough for dark text on it. */
const signal: MantineColorsTuple = [
  "#e6fffa",
  "#ccfbf1",
  "#b2f5ea",
  "#99f6e4",
  "#7af0dc",
  "#5eead4",
  "#2dd4bf",
  "#14b8a6",
  "#0f766e",
  "#134e4a",
];

/** Blue-black greys: 0 is text, 2 is dimmed text, 6 a surface, 7 the page. */
const dark: MantineColorsTuple = [
  "#eef1f7",
  "#cdd4e0",
  "#a7b0c2",
  "#838da2",
  "#2f3748",
  "#262c3a",
  "#151922",
  "#0c0e13",
  "#090b0f",
  "#050608",
];

export const theme = createTheme({
  primaryColor: "signal",
  primaryShade: 5,
  autoContrast: true,
  colors: { signal, dark },
  fontFamily: 'Inter, "Segoe UI", system-ui, -apple-system, "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "DejaVu Sans Mono", monospace',
  defaultRadius: "md",
  headings: { fontWeight: "650" },
  respectReducedMotion: true,
  cursorType: "pointer",
});
