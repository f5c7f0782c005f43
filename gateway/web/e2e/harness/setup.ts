import type { TestProject } from "vitest/node";
import { startProduct, type Account } from "./product";

declare module "vitest" {
  interface ProvidedContext {
    url: string;
    accounts: Account[];
    data: string;
  }
}

/** One playcast for all files; its end is a test too, and fails the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const product = await startProduct();
  project.provide("url", product.url);
  project.provide("accounts", product.accounts);
  project.provide("data", product.data);
  return product.stop;
}
