// What follows from an event of the service. Pure: a view and an event give a view.
import type { EventJson, LineJson } from '../api/gen/sensory/v1/events_pb';
import { ended, heard, said, silent, thought } from './lines';
import { kept, most, type View } from './view';

/** told is a view after an event. Times of events are the service's. */
export function told(v: View, e: EventJson): View {
  if (e.lease) return refused(v, e);
  if (e.room !== v.room) return v;
  const at = Date.parse(e.at ?? '') || 0;
  const persona = e.persona ?? '';
  const turn = e.turn ?? 0;
  if (e.speech) return { ...v, lines: heard(v.lines, at, e.who ?? '', e.text ?? '', e.speech.final ?? false, turn) };
  if (e.reply) return replied(v, e, at, persona, turn);
  if (e.outcome) return over(v, e, at, turn);
  if (e.memory) return remembered(v, e, at, persona);
  if (e.step) return stepped(v, at, [...(e.step.event ? [e.step.event] : []), ...(e.step.effects ?? [])]);
  if (e.kind === 'said') return { ...v, lines: said(v.lines, at, turn, persona, e.text ?? '') };
  if (e.kind === 'silent') return { ...v, lines: silent(v.lines, at, turn, persona, e.state ?? '') };
  return v;
}

function refused(v: View, e: EventJson): View {
  const at = Date.parse(e.at ?? '') || 0;
  return { ...v, refusals: kept(v.refusals, { ...e.lease, key: String(e.sequence), at, why: e.error || e.state || '' }, most.refusals) };
}

function replied(v: View, e: EventJson, at: number, persona: string, turn: number): View {
  const trace = e.reply ?? {};
  const key = `${turn}/${persona}`;
  return {
    ...v,
    turns: kept(v.turns.filter((t) => t.key !== key), { key, turn, persona, who: e.who ?? '', at, error: e.error ?? '', trace }, most.turns),
    lines: ended(v.lines, at, turn, persona, trace.answer ?? '', cause(e.error ?? '')),
  };
}

/** cause is the last part of an error, which says why: "the persona does not answer: muted". */
const cause = (error: string) => error.slice(error.lastIndexOf(': ') + 1).trim();

/** over takes what was heard of each answer, and why the others are silent, from the end of a turn. */
function over(v: View, e: EventJson, at: number, turn: number): View {
  let { lines } = v;
  for (const r of e.outcome?.replies ?? []) lines = ended(lines, at, turn, r.persona ?? '', r.text ?? '', r.cut ?? '');
  for (const s of e.outcome?.silences ?? []) lines = silent(lines, at, turn, s.persona ?? '', s.reason ?? '');
  return { ...v, lines };
}

function remembered(v: View, e: EventJson, at: number, persona: string): View {
  const decisions = (e.memory?.decisions ?? []).map((d, i) => ({ ...d, key: `${e.sequence}/${i}`, at, persona }));
  return decisions.reduce((w, d) => ({ ...w, memories: kept(w.memories, d, most.memories) }), v);
}

/** stepped marks interruptions and backchannels, and takes the text of answers before they are heard. */
function stepped(v: View, at: number, lines: LineJson[]): View {
  let next = v;
  for (const l of lines) {
    const who = l.who ?? '';
    if (l.verb === 'cancel' && l.value === 'interrupted') next = mark(next, at, 'interruption', who);
    else if (l.verb === 'skip' && l.value === 'backchannel') next = mark(next, at, 'backchannel', who);
    else if (l.verb === 'thought') next = { ...next, lines: thought(next.lines, at, l.turn ?? 0, who, quoted(l.text ?? '')) };
  }
  return next;
}

function mark(v: View, at: number, kind: 'interruption' | 'backchannel', who: string): View {
  return { ...v, marks: kept(v.marks, { at, kind, who }, most.marks) };
}

/** quoted is the text between the first and the last quotation mark of a recorded line. */
export function quoted(line: string): string {
  const from = line.indexOf('"');
  const to = line.lastIndexOf('"');
  if (from < 0 || to <= from) return '';
  try {
    return JSON.parse(line.slice(from, to + 1)) as string;
  } catch {
    return ''; // Go quotes a few characters in its own way; the text comes with the answer's end
  }
}
