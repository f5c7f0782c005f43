import { defineConfig } from "vitest/config";

// One file after the other: they share one playcast, whose worker has two slots,
// and the machine that runs the tests encodes the pictures too.
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    environment: "node",
    globalSetup: "e2e/harness/setup.ts",
    expect: { poll: { timeout: 10_000, interval: 50 } },
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
