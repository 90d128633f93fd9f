// What follows from an event of the service. Pure: a view and an event give a view.
import type { EventJson, LineJson, TurnOutcomeJson } from '../api/gen/sensory/v1/events_pb';
import { broken, closed, ended, heard, said, silent, takenBack, thought } from './lines';
import { kept, most, partKey, type Part, type View } from './view';

/** told is a view after an event. Times of events are the service's. */
export function told(v: View, e: EventJson): View {
  if (e.lease) return refused(v, e);
  if (e.room !== v.room) return v;
  const at = Date.parse(e.at ?? '') || 0;
  const of = partOf(v, e);
  if (e.kind === 'room') return e.state === 'open' ? reopened(v) : v;
  if (e.speech) return { ...v, lines: heard(v.lines, at, e.who ?? '', e.text ?? '', e.speech.final ?? false, of.turn) };
  if (e.reply) return replied(v, e, of);
  if (e.outcome) return over(v, e.outcome, of);
  if (e.memory) return remembered(v, e, at);
  if (e.step) return stepped(v, at, [...(e.step.event ? [e.step.event] : []), ...(e.step.effects ?? [])]);
  if (e.track?.source === 'microphone' && e.state === 'closed') return { ...v, lines: takenBack(v.lines, e.who ?? '') };
  if (e.kind === 'said') return { ...v, lines: said(v.lines, of, e.text ?? '') };
  if (e.kind === 'silent') return { ...v, lines: silent(v.lines, of, e.state ?? '') };
  return v;
}

/** partOf is the part in a turn that an event is of, as it is counted now. */
export const partOf = (v: View, e: EventJson): Part => (
  { epoch: v.epoch, turn: e.turn ?? 0, persona: e.persona ?? '', at: Date.parse(e.at ?? '') || 0 });

/** reopened is the view of a room that counts its turns from 1 again. */
export const reopened = (v: View): View => ({ ...v, epoch: v.epoch + 1, lines: closed(v.lines) });

/** keyOf is that of an event among those of all processes. */
const keyOf = (e: EventJson) => `${e.at}/${e.sequence}`;

function refused(v: View, e: EventJson): View {
  if (e.state !== 'refused' || v.refusals.some((r) => r.key === keyOf(e))) return v;
  return { ...v, refusals: kept(v.refusals, { ...e.lease, key: keyOf(e), at: Date.parse(e.at ?? '') || 0, why: e.error || e.state }, most.refusals) };
}

function replied(v: View, e: EventJson, of: Part): View {
  const trace = e.reply ?? {};
  const key = partKey(of);
  return {
    ...v,
    turns: kept(v.turns.filter((t) => t.key !== key), { ...of, key, who: e.who ?? '', error: e.error ?? '', trace }, most.turns),
    lines: ended(v.lines, of, trace.answer ?? '', cause(e.error ?? '')),
  };
}

/** cause is the last part of an error, which says why: "the persona does not answer: muted". */
const cause = (error: string) => error.slice(error.lastIndexOf(': ') + 1).trim();

/** over takes what was heard of each answer, and why the others are silent, from the end of a turn. */
function over(v: View, outcome: TurnOutcomeJson, turn: Part): View {
  let { lines } = v;
  for (const r of outcome.replies ?? []) {
    const of = { ...turn, persona: r.persona ?? '' };
    // The text is what people heard. What was cut before they heard anything is a text that they read.
    lines = r.cut && r.heardMs ? broken(lines, of, r.text ?? '', r.cut) : ended(lines, of, r.text ?? '', r.cut ?? '');
  }
  for (const s of outcome.silences ?? []) lines = silent(lines, { ...turn, persona: s.persona ?? '' }, s.reason ?? '');
  return { ...v, lines };
}

function remembered(v: View, e: EventJson, at: number): View {
  const decisions = (e.memory?.decisions ?? []).map((d, i) => ({ ...d, key: `${keyOf(e)}/${i}`, at, persona: e.persona ?? '' }));
  return decisions.reduce((w, d) => ({ ...w, memories: kept(w.memories, d, most.memories) }), v);
}

/** stepped marks interruptions and backchannels, takes the text of answers before they are heard, and back what nobody said. */
function stepped(v: View, at: number, lines: LineJson[]): View {
  let next = v;
  for (const l of lines) {
    const who = l.who ?? '';
    if (l.verb === 'cancel' && l.value === 'interrupted') next = mark(next, at, 'interruption', who);
    else if (l.verb === 'skip' && l.value === 'backchannel') next = mark(next, at, 'backchannel', who);
    else if (l.verb === 'show' && l.value === 'nothing') next = { ...next, lines: takenBack(next.lines, who) };
    else if (l.verb === 'thought') {
      const of = { epoch: v.epoch, turn: l.turn ?? 0, persona: who, at };
      next = { ...next, lines: thought(next.lines, of, quoted(l.text ?? '')) };
    }
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
