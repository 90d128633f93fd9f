// What an answer was made from beside words. Pure.
import type { ReplyTraceJson } from '../api/gen/sensory/v1/events_pb';

/** seconds is a length of time in ms as people read it. */
export function seconds(ms: number): string {
  const s = Math.max(0, ms) / 1000;
  if (s < 60) return `${s.toFixed(1)} s`;
  return s < 3600 ? `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** looked says what of a picture an answer was made from: how many, how old, in how many squares, what it took. */
export function looked(t: ReplyTraceJson): string {
  if (!t.saw) return '';
  const many = 1 + (t.earlier ?? []).length;
  const parts = [many > 1 ? `${many} pictures, the newest ${seconds(t.pictureAgeMs ?? 0)} old` : `a picture, ${seconds(t.pictureAgeMs ?? 0)} old`];
  if (many > 1) parts.push(`the others ${(t.earlier ?? []).map((e) => seconds(e.ageMs ?? 0)).join(', ')}`);
  if (t.squares) parts.push(t.squares === 1 ? '1 square' : `${t.squares} squares`);
  if (t.pictureTokens) parts.push(`${t.pictureTokens} tokens`);
  if (t.encodeMs) parts.push(`${t.encodeMs} ms to look at it`);
  return parts.join(' · ');
}
