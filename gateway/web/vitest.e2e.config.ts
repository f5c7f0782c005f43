import { defineConfig } from "vitest/config";

// One file after the other: each starts a whole playcast, and the machine that
// runs the games encodes their pictures too.
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
