// The transcript: what was said, how much of it has been heard, and who said nothing and why. Pure.
import { kept, most, partKey, type Line, type Part } from './view';

/** upsert changes a line that is there, else appends one. */
function upsert(lines: Line[], id: string, make: () => Line, by: (l: Line) => Line): Line[] {
  const i = lines.findIndex((l) => l.id === id);
  if (i < 0) return kept(lines, by(make()), most.lines);
  const next = [...lines];
  next[i] = by(next[i] as Line);
  return next;
}

const speaks = (l: Line, who: string) => l.kind === 'human' && l.who === who && !l.done;

/** heard is what a person says or writes: an interim text gives way to the next one of the same person. */
export function heard(lines: Line[], at: number, who: string, text: string, final: boolean, turn: number): Line[] {
  const id = lines.findLast((l) => speaks(l, who))?.id ?? `h/${who}/${at}`;
  return upsert(lines, id, () => ({ id, at, who, kind: 'human', text, spoken: 0, done: false, turn, reason: '' }),
    (l) => ({ ...l, text, done: final, turn: turn || l.turn }));
}

/** takenBack is without what a person seemed to say: nothing was understood for certain. */
export function takenBack(lines: Line[], who: string): Line[] {
  return lines.some((l) => speaks(l, who)) ? lines.filter((l) => !speaks(l, who)) : lines;
}

/** closed are the lines of a room that has ended: what was under way in it does not go on. */
export function closed(lines: Line[]): Line[] {
  return lines.filter((l) => l.kind !== 'human' || l.done).map((l) => (l.done ? l : { ...l, done: true }));
}

const answerId = (of: Part) => `p/${partKey(of)}`;

function answer(lines: Line[], of: Part, by: (l: Line) => Line): Line[] {
  const id = answerId(of);
  return upsert(lines, id, () => (
    { id, at: of.at, who: of.persona, kind: 'persona', text: '', spoken: 0, done: false, turn: of.turn, reason: '' }), by);
}

/** thought is a persona's whole text, of which not all has been heard. */
export function thought(lines: Line[], of: Part, text: string): Line[] {
  return answer(lines, of, (l) => (text ? { ...l, text, spoken: reach(text, l.text.slice(0, l.spoken)) } : l));
}

/** said is a clause that has become audible. */
export function said(lines: Line[], of: Part, clause: string): Line[] {
  return answer(lines, of, (l) => {
    const from = l.text.indexOf(clause, Math.max(0, l.spoken - 1));
    if (from >= 0) return { ...l, spoken: from + clause.length };
    const text = [l.text.slice(0, l.spoken), clause].filter(Boolean).join(' ');
    return text.length >= l.text.length ? { ...l, text, spoken: text.length } : { ...l, spoken: Math.min(l.text.length, l.spoken + clause.length + 1) };
  });
}

/** ended is an answer that is over, with its whole text. cut is why people heard no more of it than spoken. */
export function ended(lines: Line[], of: Part, text: string, cut: string): Line[] {
  if (!text && !lines.some((l) => l.id === answerId(of))) return lines;
  return answer(lines, of, (l) => {
    const whole = text || l.text;
    const spoken = cut ? reach(whole, l.text.slice(0, l.spoken)) : whole.length;
    return { ...l, text: whole, spoken, done: true, reason: cut || l.reason };
  });
}

/** broken is an answer that was cut after people had heard a part of it: the rest of its text stays, unheard. */
export function broken(lines: Line[], of: Part, part: string, cut: string): Line[] {
  return answer(lines, of, (l) => {
    const to = through(l.text, part);
    const shown = to < 0 ? { text: part, spoken: part.length } : { text: l.text, spoken: to };
    return { ...l, ...shown, done: true, reason: cut };
  });
}

/** silent is a persona that says nothing in a turn. */
export function silent(lines: Line[], of: Part, reason: string): Line[] {
  const id = `s/${partKey(of)}`;
  return lines.some((l) => l.id === id) ? lines
    : kept(lines, { id, at: of.at, who: of.persona, kind: 'silence', text: '', spoken: 0, done: true, turn: of.turn, reason }, most.lines);
}

/** reach is where in a text something ends that was said of it. */
function reach(text: string, spoken: string): number {
  return text.startsWith(spoken) ? spoken.length : Math.min(text.length, spoken.length);
}

/** through is where in a text its beginning ends, however the two are spaced: clauses are told with one space between them. -1 where it begins otherwise. */
function through(text: string, beginning: string): number {
  let at = 0;
  for (const word of beginning.split(/\s+/).filter(Boolean)) {
    while (/\s/.test(text.charAt(at))) at++;
    if (!text.startsWith(word, at)) return -1;
    at += word.length;
  }
  return at;
}
