// What a browser has and Node.js has not, as far as the page's state needs it: import this before the page.
import { envelope } from '../src/api/stream';

/** Screen is the document: it may be hidden. */
class Screen extends EventTarget {
  visibilityState = 'visible';
  /** How many listen. */
  listeners = 0;

  override addEventListener(...a: Parameters<EventTarget['addEventListener']>): void {
    this.listeners++;
    super.addEventListener(...a);
  }

  override removeEventListener(...a: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners--;
    super.removeEventListener(...a);
  }
}

export const screen = new Screen();

/** hide hides the page, or shows it again. */
export function hide(hidden: boolean): void {
  screen.visibilityState = hidden ? 'hidden' : 'visible';
  screen.dispatchEvent(new Event('visibilitychange'));
}

/** clock is a time that stands still until a test has it pass. Node.js 18 has none of its own. */
class Clock {
  now = 0;
  private due = new Map<number, { at: number; run: () => void }>();
  private last = 0;

  begin(): void {
    this.now = 1_000_000;
    this.due.clear();
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms = 0) => { this.due.set(++this.last, { at: this.now + ms, run }); return this.last; },
      clearTimeout: (id: number) => { this.due.delete(id); },
    });
    Date.now = () => this.now;
  }

  /** pass lets what happens at once happen, and then what comes due in some time, in ms, in its order. */
  async pass(ms: number): Promise<void> {
    await settled();
    const end = this.now + ms;
    for (;;) {
      const [next] = [...this.due].filter(([, d]) => d.at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (!next) break;
      this.due.delete(next[0]);
      this.now = next[1].at;
      next[1].run();
      await settled();
    }
    this.now = end;
  }
}

export const clock = new Clock();

/** revoked are the addresses of pictures that were given back. */
export const revoked: string[] = [];
let pictures = 0;

Object.assign(globalThis, {
  document: screen,
  sessionStorage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
  history: { replaceState: () => undefined },
  location: { hash: '' },
  requestAnimationFrame: (f: () => void) => setTimeout(f, 0),
});
URL.createObjectURL = () => `blob:${++pictures}`;
URL.revokeObjectURL = (url) => { revoked.push(url); };

/** Answer is what the service answers to a call: JSON, or an error's reason. */
export type Answer = object | { reason: string; code?: number };

/** unframed is what is asked of a stream. */
const unframed = (body: Uint8Array) => JSON.parse(new TextDecoder().decode(body.subarray(5))) as Record<string, unknown>;

/** asked are the calls that were made, with what was asked. */
export const asked: { method: string; body: Record<string, unknown>; signal: AbortSignal }[] = [];

/** serve has calls answered: by JSON, by an error with a reason, or never where that is undefined. */
export function serve(answer: (method: string, body: Record<string, unknown>) => Answer | undefined): void {
  globalThis.fetch = (async (path: string, init: RequestInit) => {
    const method = path.replace('/sensory.v1.', '');
    const body = typeof init.body === 'string' ? JSON.parse(init.body) as Record<string, unknown> : unframed(new Uint8Array(init.body as ArrayBuffer));
    const signal = init.signal as AbortSignal;
    asked.push({ method, body, signal });
    const said = answer(method, body);
    if (said === undefined) return new Promise((_, fail) => { signal.addEventListener('abort', () => fail(new DOMException('', 'AbortError'))); });
    if (said instanceof Response) return said;
    if (!('reason' in said)) return Response.json(said);
    const { reason } = said as { reason: string };
    if (reason === 'unreachable') throw new TypeError('failed to fetch');
    return Response.json({ message: `it says ${reason}`, details: [{ debug: { reason } }] }, { status: 503 });
  }) as typeof fetch;
}

/** framed is a message of a stream, or with flags its end. */
export function framed(message: object, flags = 0): Uint8Array {
  const out = new Uint8Array(envelope(JSON.stringify(message)));
  out[0] = flags;
  return out;
}

/** settled lets everything happen that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((done) => { setImmediate(done); });
}
