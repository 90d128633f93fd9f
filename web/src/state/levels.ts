// How loud people and personas were, for the waveform: a ring of some seconds that is drawn, not told.
import type { WatchLevelsResponseJson } from '../api/gen/sensory/v1/events_pb';
import type { Mark } from './view';

export const shownMs = 30_000;

/** Loud is a moment of one lane. */
export interface Loud {
  at: number;
  ms: number;
  who: string;
  persona: boolean;
  peak: number;
}

export class Levels {
  all: Loud[] = [];
  /** What the service's clock is ahead of the page's, in ms: the smallest that was seen. */
  ahead = 0;
  private known = false;

  add(m: WatchLevelsResponseJson, now = Date.now()): void {
    const at = Date.parse(m.at ?? '') || now;
    if (!this.known || at - now > this.ahead) this.ahead = at - now;
    this.known = true;
    for (const l of m.levels ?? []) {
      const peak = Number(l.peak ?? 0);
      if (peak > 0) this.all.push({ at, ms: m.windowMs ?? 100, who: l.identity ?? '', persona: l.persona ?? false, peak });
    }
    const oldest = at - shownMs - 1000;
    if ((this.all[0]?.at ?? at) < oldest) this.all = this.all.filter((l) => l.at >= oldest);
  }

  /** moves tells whether anything that was heard, or any of the marks, is still to be seen. */
  moves(marks: Mark[], now = Date.now()): boolean {
    return now + this.ahead - (this.all.at(-1)?.at ?? 0) < shownMs || this.shown(marks, now).length > 0;
  }

  /** shown are the marks that are not older than what is drawn. */
  shown(marks: Mark[], now = Date.now()): Mark[] {
    return marks.filter((m) => now + this.ahead - m.at < shownMs);
  }

  clear(): void {
    this.all = [];
  }
}

export const levels = new Levels();
