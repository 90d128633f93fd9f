// The transcript: what was said, how much of it has been heard, and who said nothing and why. Pure.
import { kept, most, type Line } from './view';

/** upsert changes a line that is there, else appends one. */
function upsert(lines: Line[], id: string, make: () => Line, by: (l: Line) => Line): Line[] {
  const i = lines.findIndex((l) => l.id === id);
  if (i < 0) return kept(lines, by(make()), most.lines);
  const next = [...lines];
  next[i] = by(next[i] as Line);
  return next;
}

/** heard is what a person says or writes: an interim text gives way to the next one of the same person. */
export function heard(lines: Line[], at: number, who: string, text: string, final: boolean, turn: number): Line[] {
  const open = lines.findLast((l) => l.kind === 'human' && l.who === who && !l.done);
  const id = open?.id ?? `h/${who}/${at}`;
  return upsert(lines, id, () => ({ id, at, who, kind: 'human', text, spoken: 0, done: false, turn, reason: '' }),
    (l) => ({ ...l, text, done: final, turn: turn || l.turn }));
}

const answerId = (turn: number, persona: string) => `p/${turn}/${persona}`;

function answer(lines: Line[], at: number, turn: number, persona: string, by: (l: Line) => Line): Line[] {
  const id = answerId(turn, persona);
  return upsert(lines, id, () => ({ id, at, who: persona, kind: 'persona', text: '', spoken: 0, done: false, turn, reason: '' }), by);
}

/** thought is a persona's whole text, of which not all has been heard. */
export function thought(lines: Line[], at: number, turn: number, persona: string, text: string): Line[] {
  return answer(lines, at, turn, persona, (l) => (text ? { ...l, text, spoken: reach(text, l.text.slice(0, l.spoken)) } : l));
}

/** said is a clause that has become audible. */
export function said(lines: Line[], at: number, turn: number, persona: string, clause: string): Line[] {
  return answer(lines, at, turn, persona, (l) => {
    const from = l.text.indexOf(clause, Math.max(0, l.spoken - 1));
    if (from >= 0) return { ...l, spoken: from + clause.length };
    const text = [l.text.slice(0, l.spoken), clause].filter(Boolean).join(' ');
    return text.length >= l.text.length ? { ...l, text, spoken: text.length } : { ...l, spoken: Math.min(l.text.length, l.spoken + clause.length + 1) };
  });
}

/** ended is an answer that is over. cut is why people heard no more of it than spoken. */
export function ended(lines: Line[], at: number, turn: number, persona: string, text: string, cut: string): Line[] {
  if (!text && !lines.some((l) => l.id === answerId(turn, persona))) return lines;
  return answer(lines, at, turn, persona, (l) => {
    const whole = text || l.text;
    const spoken = cut ? reach(whole, l.text.slice(0, l.spoken)) : whole.length;
    return { ...l, text: whole, spoken, done: true, reason: cut || l.reason };
  });
}

/** silent is a persona that says nothing in a turn. */
export function silent(lines: Line[], at: number, turn: number, persona: string, reason: string): Line[] {
  const id = `s/${turn}/${persona}`;
  return lines.some((l) => l.id === id) ? lines
    : kept(lines, { id, at, who: persona, kind: 'silence', text: '', spoken: 0, done: true, turn, reason }, most.lines);
}

/** reach is where in a text something ends that was said of it. */
function reach(text: string, spoken: string): number {
  return text.startsWith(spoken) ? spoken.length : Math.min(text.length, spoken.length);
}
