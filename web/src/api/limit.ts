// How long something may take.

/** Limit ends a request: with another signal, or when ms have passed since it began or was last prolonged. */
export class Limit {
  /** Whether it was the time that ended it. */
  passed = false;
  private readonly end = new AbortController();
  private readonly stop = () => this.end.abort();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ms: number, private readonly outer?: AbortSignal | null) {
    if (outer?.aborted) this.stop();
    outer?.addEventListener('abort', this.stop);
    this.prolong();
  }

  get signal(): AbortSignal {
    return this.end.signal;
  }

  /** prolong begins to count anew. */
  prolong(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.passed = true; this.stop(); }, this.ms);
  }

  /** done ends what is still under way, and keeps nothing. */
  done(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.stop);
    this.stop();
  }
}

/** wait passes some time, in ms; less where the signal ends it. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const limit = new Limit(ms, signal);
    limit.signal.addEventListener('abort', () => { limit.done(); done(); }, { once: true });
    if (limit.signal.aborted) { limit.done(); done(); }
  });
}
