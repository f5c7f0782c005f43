import { useSyncExternalStore } from "react";

/** A value that changes, for whoever follows it. */
export class Latest<T> {
  private followers: (() => void)[] = [];

  constructor(private value: T) {}

  readonly read = (): T => this.value;

  readonly follow = (changed: () => void): (() => void) => {
    this.followers = [...this.followers, changed];
    return () => {
      this.followers = this.followers.filter((each) => each !== changed);
    };
  };

  set(value: T): void {
    this.value = value;
    for (const changed of this.followers) changed();
  }
}

const stay = () => () => undefined;

/** The present value, in a component; undefined where there is nothing to follow. */
export function useLatest<T>(latest: Latest<T> | undefined): T | undefined {
  return useSyncExternalStore(latest?.follow ?? stay, () => latest?.read());
}
