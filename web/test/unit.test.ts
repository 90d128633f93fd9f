// What follows from what: pure parts of the page, without a browser. npm run unit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pieces } from '../src/api/stream';
import { sceneOf } from '../src/join/scene';
import { contours, shapeNames } from '../src/join/shapes';
import { draftOf, fieldOf, fields, personaOf } from '../src/state/definition';
import { unkept } from '../src/state/keeping';
import { Levels, shownMs } from '../src/state/levels';
import { looked } from '../src/state/looked';
import { closed, ended, heard, said, silent, takenBack, thought } from '../src/state/lines';
import { floorAt, same } from '../src/state/poll';
import { quoted, reopened, told } from '../src/state/told';
import { empty, kept, most, named, nameOf, type Line, type View } from '../src/state/view';

const at = '2026-03-01T12:00:00.250Z';
const when = Date.parse(at);
const lobby: View = { ...empty, room: 'lobby' };
const after = (v: View, ...events: Parameters<typeof told>[1][]) => events.reduce((w, e) => told(w, { room: 'lobby', at, ...e }), v);
const part = (turn: number, persona: string, epoch = 0) => ({ epoch, turn, persona, at: 1 });
const shown = (lines: Line[]) => lines.map((l) => `${l.who}: ${l.text.slice(0, l.spoken)}|${l.text.slice(l.spoken)}${l.reason && ` (${l.reason})`}`);

test('an interim transcript gives way to the next one of the same person', () => {
  let lines = heard([], 1, 'ada', 'what', false, 0);
  lines = heard(lines, 2, 'bob', 'hello', false, 0);
  lines = heard(lines, 3, 'ada', 'What is this?', true, 7);
  assert.deepEqual(lines.map((l) => [l.who, l.text, l.done, l.turn]), [['ada', 'What is this?', true, 7], ['bob', 'hello', false, 0]]);
  assert.equal(heard(lines, 4, 'ada', 'And', false, 0).length, 3, 'what follows is another line');
});

test('what was not understood for certain is taken back, and the next question is a line of its own', () => {
  const interim = (who: string, text: string) => ({ kind: 'interim', who, text, speech: {} });
  let v = after(lobby, interim('ada', 'huh'), interim('bob', 'what'), { kind: 'heard', who: 'ada', text: 'Hello.', speech: { final: true } }, { ...interim('ada', 'a cough'), at: '2026-03-01T12:00:05Z' });
  v = after(v, { kind: 'unclear', who: 'ada', state: 'voice' }, { kind: 'step', step: {
    event: { verb: 'unclear', who: 'ada', value: 'voice' }, effects: [{ text: 'show ada nothing', verb: 'show', who: 'ada', value: 'nothing' }],
  } });
  assert.deepEqual(v.lines.map((l) => [l.who, l.text, l.done]), [['ada', 'Hello.', true], ['bob', 'what', false]]);
  v = after(v, { kind: 'step', step: { effects: [{ verb: 'show', who: 'bob', value: 'final' }] } });
  assert.equal(v.lines.length, 2, 'a final one is not taken back');
  v = after(v, { kind: 'heard', who: 'ada', text: 'What is this?', turn: 3, at: '2026-03-01T12:00:09Z', speech: { final: true } });
  assert.deepEqual(v.lines.map((l) => l.text), ['Hello.', 'what', 'What is this?']);
  v = after(v, { kind: 'track', who: 'bob', state: 'closed', track: { source: 'camera' } });
  assert.equal(v.lines.length, 3);
  v = after(v, { kind: 'track', who: 'bob', state: 'closed', track: { source: 'microphone' } });
  assert.deepEqual(v.lines.map((l) => l.who), ['ada', 'ada'], 'whose microphone is gone says no more');
  assert.equal(takenBack(v.lines, 'ada'), v.lines);
});

test('an answer is shown as far as it was heard', () => {
  let lines = thought([], part(1, 'iris'), 'A fern. It is green.');
  assert.deepEqual(shown(lines), ['iris: |A fern. It is green.']);
  lines = said(lines, part(1, 'iris'), 'A fern.');
  assert.deepEqual(shown(lines), ['iris: A fern.| It is green.']);
  lines = said(lines, part(1, 'iris'), 'It is green.');
  assert.deepEqual(shown(lines), ['iris: A fern. It is green.|']);
});

test('clauses whose whole text is not known yet are put together', () => {
  let lines = said([], part(1, 'iris'), 'A fern.');
  lines = said(lines, part(1, 'iris'), 'It is green.');
  assert.deepEqual(shown(lines), ['iris: A fern. It is green.|']);
  lines = thought(lines, part(1, 'iris'), 'A fern. It is green. It likes shade.');
  assert.deepEqual(shown(lines), ['iris: A fern. It is green.| It likes shade.']);
});

test('what was cut is not shown as heard', () => {
  let lines = said(thought([], part(1, 'iris'), 'A fern. It is green.'), part(1, 'iris'), 'A fern.');
  lines = ended(lines, part(1, 'iris'), 'A fern. It is green.', 'interrupted');
  assert.deepEqual(shown(lines), ['iris: A fern.| It is green. (interrupted)']);
  assert.deepEqual(shown(ended(thought([], part(1, 'max'), 'Yes.'), part(1, 'max'), 'Yes.', '')), ['max: Yes.|']);
  assert.deepEqual(ended([], part(1, 'otto'), '', 'failed'), [], 'who said nothing has no line');
});

test('a silence is told once', () => {
  const lines = silent(silent([], part(4, 'max'), 'muted'), part(4, 'max'), 'muted');
  assert.deepEqual(lines.map((l) => [l.kind, l.who, l.reason]), [['silence', 'max', 'muted']]);
});

// A room that is opened anew, or a service that is, counts its turns from 1 again.
test('a turn of another time changes nothing of the first one of its number', () => {
  const first = after(lobby, { kind: 'room', state: 'open' },
    { kind: 'said', turn: 1, persona: 'iris', text: 'A fern in a pot.' },
    { kind: 'reply', turn: 1, persona: 'iris', who: 'ada', reply: { answer: 'A fern in a pot.' } },
    { kind: 'silent', turn: 1, persona: 'max', state: 'muted' });
  const thinks = { kind: 'step', step: { event: { verb: 'thought', who: 'iris', turn: 1, text: 'thought 1/iris "Two cats."' } } };
  for (const anew of [after(first, { kind: 'room', state: 'closed' }, { kind: 'room', state: 'open' }), reopened(first)]) {
    const v = after(anew, thinks, { kind: 'silent', turn: 1, persona: 'max', state: 'not_addressed' });
    assert.deepEqual(shown(v.lines), ['iris: A fern in a pot.|', 'max: | (muted)', 'iris: |Two cats.', 'max: | (not_addressed)']);
    assert.deepEqual(v.lines.map((l) => l.done), [true, true, false, true]);
    assert.equal(new Set(v.lines.map((l) => l.id)).size, 4);
    const both = after(v, { kind: 'reply', turn: 1, persona: 'iris', who: 'ada', reply: { answer: 'Two cats.' } });
    assert.deepEqual(both.turns.map((t) => t.trace.answer), ['A fern in a pot.', 'Two cats.']);
    assert.equal(new Set(both.turns.map((t) => t.key)).size, 2);
  }
  assert.equal(after(first, { kind: 'room', state: 'closed' }), first);
});

test('what was under way in a room that ended does not go on in the next', () => {
  const lines = closed(thought(heard(heard([], 1, 'ada', 'Hello.', true, 1), 2, 'ada', 'what is', false, 0), part(1, 'iris'), 'A fern.'));
  assert.deepEqual(lines.map((l) => [l.who, l.text, l.done]), [['ada', 'Hello.', true], ['iris', 'A fern.', true]]);
});

test('lists are bounded', () => {
  let list: number[] = [];
  for (let i = 0; i < 10; i++) list = kept(list, i, 3);
  assert.deepEqual(list, [7, 8, 9]);
  let lines: Line[] = [];
  for (let i = 0; i < most.lines + 5; i++) lines = heard(lines, i, 'ada', String(i), true, i);
  assert.equal(lines.length, most.lines);
  let names: Record<string, string> = {};
  for (let i = 0; i < most.names + 5; i++) names = named(names, [{ identity: `p${i}`, name: `P ${i}` }]);
  assert.deepEqual([Object.keys(names).length, names.p0, names.p304], [most.names, undefined, 'P 304']);
});

test('people are called what they call themselves', () => {
  const names = named({}, [{ identity: 'guest-0b7c1c5e-1d5c-4a43-9b0e-1f6d1c2b3a49', name: 'Ada' }, { identity: 'bot', name: '' }]);
  assert.equal(named(names, [{ identity: 'guest-0b7c1c5e-1d5c-4a43-9b0e-1f6d1c2b3a49', name: 'Ada' }]), names);
  assert.equal(nameOf(names, 'guest-0b7c1c5e-1d5c-4a43-9b0e-1f6d1c2b3a49'), 'Ada');
  assert.equal(nameOf({}, 'guest-0b7c1c5e-1d5c-4a43-9b0e-1f6d1c2b3a49'), 'guest 0b7c');
  assert.deepEqual(['bot', 'guest-book', 'iris'].map((n) => nameOf(names, n)), ['bot', 'guest-book', 'iris']);
});

test('events of other rooms change nothing, refusals of the machine do, once', () => {
  assert.equal(told(lobby, { room: 'cellar', kind: 'said', persona: 'iris', text: 'x', at }), lobby);
  const refusal = { sequence: '9', kind: 'lease', state: 'refused', error: 'no room', at, lease: { holder: 'lobby/iris' } };
  const v = told(told(lobby, refusal), refusal);
  assert.deepEqual(v.refusals.map((r) => [r.holder, r.why, r.at]), [['lobby/iris', 'no room', when]]);
  assert.equal(told(v, { ...refusal, at: '2026-03-01T13:00:00Z' }).refusals.length, 2, 'that number in another process');
  assert.equal(told(v, { sequence: '10', kind: 'lease', state: 'granted', at, lease: { holder: 'lobby/iris', waitedMs: 70 } }), v, 'what was granted was not refused');
});

test('steps mark interruptions and backchannels, and bring the text of answers', () => {
  const v = told(lobby, {
    room: 'lobby', kind: 'step', at, step: {
      event: { verb: 'thought', who: 'iris', turn: 2, text: 'thought 2/iris "A \\"fern\\"."' },
      effects: [{ verb: 'cancel', who: 'max', value: 'interrupted' }, { verb: 'skip', who: 'ada', value: 'backchannel' }, { verb: 'cancel', who: 'max', value: 'superseded' }],
    },
  });
  assert.deepEqual(v.marks.map((m) => [m.kind, m.who]), [['interruption', 'max'], ['backchannel', 'ada']]);
  assert.deepEqual(shown(v.lines), ['iris: |A "fern".']);
  assert.equal(quoted('audible 1/iris "a" next "b"'), '', 'no text rather than a wrong one');
  assert.equal(quoted('tick'), '');
});

test('marks are shown as long as their moment is, and then nothing moves', () => {
  const l = new Levels();
  const marks = [{ at: when, kind: 'interruption' as const, who: 'max' }, { at: when + 10_000, kind: 'backchannel' as const, who: 'ada' }];
  assert.deepEqual([0, shownMs - 1, shownMs, shownMs + 10_000].map((ms) => l.shown(marks, when + ms).length), [2, 2, 1, 0]);
  assert.deepEqual([shownMs, shownMs + 10_000].map((ms) => l.moves(marks, when + ms)), [true, false]);
  l.add({ at, levels: [{ identity: 'ada', peak: 0.5 }] }, when);
  assert.deepEqual([0, shownMs - 1, shownMs].map((ms) => l.moves([], when + ms)), [true, true, false]);
  const behind = new Levels(); // the page's clock is a minute behind the service's
  behind.add({ at }, when - 60_000);
  assert.equal(behind.shown(marks, when - 60_000 + shownMs).length, 1);
});

test('a turn that is over says of everybody what came of them', () => {
  const over = { kind: 'turn', turn: 3, outcome: {
    replies: [{ persona: 'iris', text: 'A fern.', heardMs: 900, cut: 'interrupted' }, { persona: 'otto', text: 'A plant.', heardMs: 4000 }],
    silences: [{ persona: 'max', reason: 'not_addressed' }],
  } };
  assert.deepEqual(shown(after(lobby, over).lines), ['iris: A fern.| (interrupted)', 'otto: A plant.|', 'max: | (not_addressed)']);
  const late = { kind: 'turn', turn: 3, outcome: { replies: [{ persona: 'iris', text: 'A fern.', cut: 'stale' }] } };
  assert.deepEqual(shown(after(lobby, late).lines), ['iris: |A fern. (stale)'], 'what was read was not heard');
});

test('what was struck out stays when the turn is over, and what was heard is not', () => {
  const thinks = { kind: 'step', step: { event: { verb: 'thought', who: 'iris', turn: 3, text: 'thought 3/iris "A fern.\\n\\nIt is  green. It likes shade."' } } };
  const clause = { kind: 'said', turn: 3, persona: 'iris', text: 'A fern.' };
  const reply = { kind: 'reply', turn: 3, persona: 'iris', error: 'the reply ended: interrupted', reply: { answer: 'A fern.\n\nIt is  green. It likes shade.' } };
  const over = { kind: 'turn', turn: 3, outcome: { replies: [{ persona: 'iris', text: 'A fern. It is green.', heardMs: 900, cut: 'interrupted' }] } };
  const want = ['iris: A fern.\n\nIt is  green.| It likes shade. (interrupted)'];
  for (const events of [[thinks, clause, reply, over], [thinks, clause, over], [thinks, reply, over], [reply, over], [thinks, over], [thinks, clause, over, reply]]) {
    assert.deepEqual(shown(after(lobby, ...events).lines), want, events.map((e) => e.kind).join());
  }
  const other = after(lobby, { ...thinks, step: { event: { ...thinks.step.event, text: 'thought 3/iris "Two cats."' } } }, over);
  assert.deepEqual(shown(other.lines), ['iris: A fern. It is green.| (interrupted)'], 'a text of which nothing was heard gives way');
});

test('an answer that has ended brings its trace, the newest of each', () => {
  const once = told(lobby, { room: 'lobby', kind: 'reply', turn: 1, persona: 'iris', at, reply: { answer: 'Yes.', leaseWaitMs: 3 } });
  const twice = told(once, { room: 'lobby', kind: 'reply', turn: 1, persona: 'iris', at, error: 'the persona does not answer: muted', reply: { answer: 'Yes.' } });
  assert.deepEqual(twice.turns.map((t) => [t.turn, t.persona, t.error]), [[1, 'iris', 'the persona does not answer: muted']]);
  assert.equal(twice.lines.at(-1)?.reason, 'muted');
});

test('what an answer looked at is told with its numbers', () => {
  assert.equal(looked({ answer: 'Yes.' }), '');
  assert.equal(looked({ saw: true, source: 'TR/7', squares: 1, pictureAgeMs: 840, pictureTokens: 81, encodeMs: 95 }),
    'a picture, 0.8 s old · 1 square · 81 tokens · 95 ms to look at it');
  assert.equal(looked({ saw: true, pictureAgeMs: 300, squares: 5, earlier: [{ source: 'TR/1', ageMs: 9000 }, { source: 'TR/5', ageMs: 4000 }] }),
    '3 pictures, the newest 0.3 s old · the others 9.0 s, 4.0 s · 5 squares');
});

test('each reason why nothing is kept is told in words', () => {
  assert.equal(unkept({ utterances: '7' }), undefined);
  for (const [reason, says] of Object.entries({
    store_full: 'store full', store_locked: 'store locked', store_read_only: 'store read only', store_newer: 'store newer', store_away: 'store away',
    store_denied: 'store denied', store_damaged: 'store damaged', store_failed: 'store failed',
  })) {
    assert.deepEqual(unkept({ reason, problem: 'write t.db: x', waiting: 3, lost: '2' }),
      { why: `What is said is not being kept: ${says} (write t.db: x).`, counts: '3 wait, 2 are lost.' });
  }
});

test('what was decided on memories is listed', () => {
  const v = told(lobby, { room: 'lobby', kind: 'memory', persona: 'iris', at, sequence: '5', memory: { decisions: [
    { text: 'Ada likes tea.', outcome: 'admitted' }, { text: 'x', outcome: 'dropped', reason: 'self_echo' },
  ] } });
  assert.deepEqual(v.memories.map((m) => [m.key, m.persona, m.outcome]), [[`${at}/5/0`, 'iris', 'admitted'], [`${at}/5/1`, 'iris', 'dropped']]);
});

test('moments of the floor do not jitter', () => {
  const first = floorAt({ holder: 'iris', heldMs: 1000, replies: [{ persona: 'max', waitingMs: 500 }] }, empty.floor, 10_000);
  assert.deepEqual([first.since, first.waiting[0]?.since], [9000, 9500]);
  const later = floorAt({ holder: 'iris', heldMs: 1900, replies: [{ persona: 'max', waitingMs: 1600 }] }, first, 11_000);
  assert.deepEqual([later.since, later.waiting[0]?.since], [9000, 9500]);
  assert.equal(floorAt({ holder: 'max', heldMs: 0 }, later, 12_000).since, 12_000);
  const same1 = { a: [1] };
  assert.equal(same(same1, { a: [1] }), same1);
  assert.notEqual(same(same1, { a: [2] }), same1);
});

test('messages are taken apart where they end, however they arrive', () => {
  const messages = ['{"a":1}', '', '{"text":"' + 'é'.repeat(300) + '"}'];
  const all = new Uint8Array(messages.flatMap((m, i) => {
    const body = new TextEncoder().encode(m);
    return [i === 2 ? 2 : 0, 0, 0, body.length >> 8, body.length & 255, ...body];
  }));
  for (const size of [1, 2, 7, 64, all.length]) {
    const pieces = new Pieces();
    const got: { flags: number; text: string }[] = [];
    for (let i = 0; i < all.length; i += size) {
      pieces.add(all.slice(i, i + size));
      for (let m = pieces.next(); m; m = pieces.next()) got.push(m);
    }
    assert.deepEqual(got, messages.map((text, i) => ({ flags: i === 2 ? 2 : 0, text })));
  }
  const huge = new Pieces();
  huge.add(new Uint8Array([0, 255, 255, 255, 255]));
  assert.throws(() => huge.next(), /too large/);
});

test('a scene is that of its seed, and true to itself', () => {
  let quadrants = 0;
  for (let seed = 0; seed < 500; seed++) {
    const s = sceneOf(seed);
    assert.equal(s.description, sceneOf(seed).description);
    assert.match(s.description, /^[A-Z].*\.$/);
    for (const q of s.questions) assert.ok(s.description.toLowerCase().includes(q.answer), `${q.text} ${q.answer}: ${s.description}`);
    if (s.questions.length === 4 && s.questions.every((q) => q.text.startsWith('What color is at'))) quadrants++;
  }
  assert.ok(quadrants > 100 && quadrants < 300, String(quadrants));
});

test('shapes lie in their square', () => {
  for (const name of shapeNames) {
    for (const outline of contours(name, { tilt: 0.2, quarter: 3, inner: 1 })) {
      assert.ok(outline.length >= 3 && outline.every(([x, y]) => Math.hypot(x, y) <= 1.35), name);
    }
  }
});

test('a persona that is shown in a form and sent as it is, is the same', () => {
  const whole = {
    name: 'eve', identity: 'eve-1', profile: 'text', voice: 'espeak', prompt: 'Be kind.\nBe brief.', greeting: 'Hello.\nI am Eve.', aliases: ['Eva', 'Eve, of the attic'],
    specialty: ['plants'], answerTokens: 40, history: 'off', remember: 'auto', idle: { say: 'Still there?', afterMs: 2500 },
  };
  assert.deepEqual(personaOf(draftOf('lobby', whole)), whole);
  const { idle, ...least } = personaOf(draftOf('lobby', { name: 'eve' }));
  assert.equal(idle, undefined, 'what it says in a silence is the policy of the room');
  assert.deepEqual(least, {
    name: 'eve', identity: '', profile: '', voice: '', prompt: '', greeting: '', aliases: [], specialty: [], answerTokens: 0, history: 'room', remember: '',
  });
  assert.deepEqual(personaOf({ ...draftOf('lobby', {}), aliases: ' Eva\n\n Ev, the first \n' }).aliases, ['Eva', 'Ev, the first']);
});

test('what the service finds wrong stands at its field', () => {
  for (const [named, field] of Object.entries({
    'persona.name': 'name', 'persona.aliases[1]': 'aliases', 'persona.answer_tokens': 'answer', 'persona.answer.tokens': 'answer', room: 'room',
    'persona.idle.say': 'say', 'persona.idle.after_ms': 'after', 'persona.history': 'history', 'persona.specialty[0]': 'specialty',
  })) assert.equal(fieldOf(named), field, named);
  for (const named of ['', 'persona', 'personas', 'persona.unknown']) assert.equal(fieldOf(named), undefined, named);
  assert.deepEqual(Object.keys(draftOf('lobby', {})).sort(), [...fields].sort());
});
