// What a persona is told to be, as a form has it: a text for each field. Pure.
import type { PersonaJson } from '../api/gen/sensory/v1/personas_pb';

/** fields are those of the form, in its order; room is where the persona sits. */
export const fields = [
  'name', 'room', 'identity', 'aliases', 'profile', 'voice', 'prompt', 'greeting', 'specialty', 'answer', 'history', 'remember', 'say', 'after',
] as const;
export type Field = (typeof fields)[number];

/** Draft is a form's text of each field. */
export type Draft = Record<Field, string>;

/** draftOf is the form of a persona in a room. Of a list each part has a line; the silence after which it speaks is in seconds. */
export function draftOf(room: string, p: PersonaJson): Draft {
  return {
    room, name: p.name ?? '', identity: p.identity ?? '', profile: p.profile ?? '', voice: p.voice ?? '', prompt: p.prompt ?? '',
    greeting: p.greeting ?? '', aliases: (p.aliases ?? []).join('\n'), specialty: (p.specialty ?? []).join('\n'),
    answer: p.answerTokens ? String(p.answerTokens) : '', history: p.history || 'room', remember: p.remember ?? '',
    say: p.idle?.say ?? '', after: p.idle?.afterMs ? String(p.idle.afterMs / 1000) : '',
  };
}

const list = (text: string) => text.split('\n').map((part) => part.trim()).filter(Boolean);

/** personaOf is what a form says, for the service. */
export function personaOf(d: Draft): PersonaJson {
  const { name, identity, profile, voice, prompt, greeting, history, remember } = d;
  const idle = d.say || d.after ? { idle: { say: d.say, afterMs: Math.round(Number(d.after) * 1000) } } : {};
  return {
    name, identity, profile, voice, prompt, greeting, history, remember, aliases: list(d.aliases), specialty: list(d.specialty),
    answerTokens: Number(d.answer), ...idle,
  };
}

/** fieldOf is the field of the form that the service means by one of its own, as "persona.aliases[1]"; undefined where it has none. */
export function fieldOf(named: string): Field | undefined {
  const [, of = '', part = ''] = /^(?:persona\.)?([a-z]+)(?:\.(say|after))?/.exec(named) ?? [];
  const own = of === 'idle' ? part || 'after' : of;
  return fields.find((f) => f === own);
}
