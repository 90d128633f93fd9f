// Reads a stream of messages: Connect's streaming protocol in JSON. Each message is a byte of flags,
// its length in four bytes, and its text; the last one says how the stream ended.
import { CallError, headers, problemOf } from './call';
import { Limit } from './limit';

const lastFlag = 2;
const mostBytes = 8 << 20; // of one message

/** silentMs is after how long without a message a stream has broken off: the service sends one every 10 s. */
const silentMs = 25_000;

/**
 * stream asks and calls back with each message until the stream ends, which is no error, or fails.
 * Errors: CallError; reason "unreachable" where nothing comes any more, also by the signal.
 */
export async function stream<I, O>(method: string, body: I, take: (message: O) => void, signal: AbortSignal): Promise<void> {
  const limit = new Limit(silentMs, signal);
  try {
    const response = await fetch(`/sensory.v1.${method}`, {
      method: 'POST', headers: headers('application/connect+json'), body: envelope(JSON.stringify(body)), signal: limit.signal,
      cache: 'no-store', credentials: 'omit',
    }).catch(() => { throw broken('the events do not come'); });
    if (!response.ok || !response.body) throw problemOf(await response.json().catch(() => ({})), response.status);
    await messages(response.body.getReader(), take, limit);
  } finally {
    limit.done();
  }
}

const broken = (why: string) => new CallError(why, 'unavailable', 'unreachable');

async function messages<O>(reader: ReadableStreamDefaultReader<Uint8Array>, take: (message: O) => void, limit: Limit): Promise<void> {
  const pieces = new Pieces();
  for (;;) {
    const { value } = await reader.read().catch(() => ({ value: undefined }));
    if (!value) throw broken(limit.passed ? 'the service has fallen silent' : 'the stream broke off');
    limit.prolong();
    pieces.add(value);
    for (let m = pieces.next(); m; m = pieces.next()) {
      if (!(m.flags & lastFlag)) {
        take(JSON.parse(m.text) as O);
        continue;
      }
      const end = JSON.parse(m.text || '{}') as { error?: object };
      if (end.error) throw problemOf(end.error, 0);
      return;
    }
  }
}

/** envelope is a message as it is sent. */
export function envelope(text: string): ArrayBuffer {
  const body = new TextEncoder().encode(text);
  const out = new Uint8Array(5 + body.length);
  new DataView(out.buffer).setUint32(1, body.length);
  out.set(body, 5);
  return out.buffer;
}

/** Pieces joins what arrives and takes it apart again where messages end. */
export class Pieces {
  private held = new Uint8Array(0);

  add(piece: Uint8Array): void {
    const joined = new Uint8Array(this.held.length + piece.length);
    joined.set(this.held);
    joined.set(piece, this.held.length);
    this.held = joined;
  }

  /** next is the next whole message, if there is one. Errors: CallError for one that is too large. */
  next(): { flags: number; text: string } | undefined {
    if (this.held.length < 5) return undefined;
    const size = new DataView(this.held.buffer, this.held.byteOffset).getUint32(1);
    if (size > mostBytes) throw new CallError('a message is too large', 'internal', 'failed');
    if (this.held.length < 5 + size) return undefined;
    const text = new TextDecoder().decode(this.held.subarray(5, 5 + size));
    const flags = this.held[0] ?? 0;
    this.held = this.held.slice(5 + size);
    return { flags, text };
  }
}
