/** A value that changes, for whoever follows it (useSyncExternalStore). */
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
