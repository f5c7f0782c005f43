import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const gateway = process.env.PLAYCAST_URL ?? "http://localhost:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    assetsInlineLimit: 0, // every asset is a file, so that the content policy stays short
    chunkSizeWarningLimit: 800,
  },
  // `npm run dev` shows the sources against a running playcast.
  server: {
    proxy: { "/v1": { target: gateway, ws: true }, "/dev": gateway },
  },
  test: { include: ["src/**/*.test.ts", "e2e/harness/*.test.ts"], environment: "node" },
});
