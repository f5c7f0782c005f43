/** Lets actions through in their order; while it is shut they wait. */
export class Gate {
  private waiting: (() => void)[] | undefined;

  pass(action: () => void): void {
    if (this.waiting) this.waiting.push(action);
    else action();
  }

  shut(): void {
    this.waiting ??= [];
  }

  open(): void {
    const actions = this.waiting ?? [];
    this.waiting = undefined;
    for (const action of actions) action();
  }

  /** Opens, and forgets what has waited. */
  clear(): void {
    this.waiting = undefined;
  }
}
