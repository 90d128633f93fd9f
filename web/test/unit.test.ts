// What follows from what: pure parts of the page, without a browser. npm run unit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pieces } from '../src/api/stream';
import { sceneOf } from '../src/join/scene';
import { contours, shapeNames } from '../src/join/shapes';
import { unkept } from '../src/state/keeping';
import { looked } from '../src/state/looked';
import { ended, heard, said, silent, thought } from '../src/state/lines';
import { floorAt, same } from '../src/state/poll';
import { quoted, told } from '../src/state/told';
import { empty, kept, most, type Line, type View } from '../src/state/view';

const at = '2026-03-01T12:00:00.250Z';
const when = Date.parse(at);
const lobby: View = { ...empty, room: 'lobby' };
const shown = (lines: Line[]) => lines.map((l) => `${l.who}: ${l.text.slice(0, l.spoken)}|${l.text.slice(l.spoken)}${l.reason && ` (${l.reason})`}`);

test('an interim transcript gives way to the next one of the same person', () => {
  let lines = heard([], 1, 'ada', 'what', false, 0);
  lines = heard(lines, 2, 'bob', 'hello', false, 0);
  lines = heard(lines, 3, 'ada', 'What is this?', true, 7);
  assert.deepEqual(lines.map((l) => [l.who, l.text, l.done, l.turn]), [['ada', 'What is this?', true, 7], ['bob', 'hello', false, 0]]);
  assert.equal(heard(lines, 4, 'ada', 'And', false, 0).length, 3, 'what follows is another line');
});

test('an answer is shown as far as it was heard', () => {
  let lines = thought([], 1, 1, 'iris', 'A fern. It is green.');
  assert.deepEqual(shown(lines), ['iris: |A fern. It is green.']);
  lines = said(lines, 2, 1, 'iris', 'A fern.');
  assert.deepEqual(shown(lines), ['iris: A fern.| It is green.']);
  lines = said(lines, 3, 1, 'iris', 'It is green.');
  assert.deepEqual(shown(lines), ['iris: A fern. It is green.|']);
});

test('clauses whose whole text is not known yet are put together', () => {
  let lines = said([], 1, 1, 'iris', 'A fern.');
  lines = said(lines, 2, 1, 'iris', 'It is green.');
  assert.deepEqual(shown(lines), ['iris: A fern. It is green.|']);
  lines = thought(lines, 3, 1, 'iris', 'A fern. It is green. It likes shade.');
  assert.deepEqual(shown(lines), ['iris: A fern. It is green.| It likes shade.']);
});

test('what was cut is not shown as heard', () => {
  let lines = said(thought([], 1, 1, 'iris', 'A fern. It is green.'), 2, 1, 'iris', 'A fern.');
  lines = ended(lines, 3, 1, 'iris', 'A fern. It is green.', 'interrupted');
  assert.deepEqual(shown(lines), ['iris: A fern.| It is green. (interrupted)']);
  assert.deepEqual(shown(ended(thought([], 1, 1, 'max', 'Yes.'), 2, 1, 'max', 'Yes.', '')), ['max: Yes.|']);
  assert.deepEqual(ended([], 1, 1, 'otto', '', 'failed'), [], 'who said nothing has no line');
});

test('a silence is told once', () => {
  const lines = silent(silent([], 1, 4, 'max', 'muted'), 2, 4, 'max', 'muted');
  assert.deepEqual(lines.map((l) => [l.kind, l.who, l.reason]), [['silence', 'max', 'muted']]);
});

test('lists are bounded', () => {
  let list: number[] = [];
  for (let i = 0; i < 10; i++) list = kept(list, i, 3);
  assert.deepEqual(list, [7, 8, 9]);
  let lines: Line[] = [];
  for (let i = 0; i < most.lines + 5; i++) lines = heard(lines, i, 'ada', String(i), true, i);
  assert.equal(lines.length, most.lines);
});

test('events of other rooms change nothing, refusals of the machine do', () => {
  assert.equal(told(lobby, { room: 'cellar', kind: 'said', persona: 'iris', text: 'x', at }), lobby);
  const v = told(lobby, { sequence: '9', kind: 'lease', state: 'refused', error: 'no room', at, lease: { holder: 'lobby/iris' } });
  assert.deepEqual(v.refusals.map((r) => [r.holder, r.why, r.at]), [['lobby/iris', 'no room', when]]);
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

test('a turn that is over says of everybody what came of them', () => {
  const v = told(lobby, { room: 'lobby', kind: 'turn', turn: 3, at, outcome: {
    replies: [{ persona: 'iris', text: 'A fern.', cut: 'interrupted' }], silences: [{ persona: 'max', reason: 'not_addressed' }],
  } });
  assert.deepEqual(shown(v.lines), ['iris: |A fern. (interrupted)', 'max: | (not_addressed)']);
});

test('an answer that has ended brings its trace, the newest of each', () => {
  const once = told(lobby, { room: 'lobby', kind: 'reply', turn: 1, persona: 'iris', at, reply: { answer: 'Yes.', leaseWaitMs: 3 } });
  const twice = told(once, { room: 'lobby', kind: 'reply', turn: 1, persona: 'iris', at, error: 'the persona does not answer: muted', reply: { answer: 'Yes.' } });
  assert.deepEqual(twice.turns.map((t) => [t.key, t.error]), [['1/iris', 'the persona does not answer: muted']]);
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
  assert.equal(unkept({ utterances: '7' }), '');
  for (const [reason, says] of Object.entries({
    store_full: 'store full', store_locked: 'store locked', store_read_only: 'store read only', store_newer: 'store newer', store_away: 'store away',
    store_denied: 'store denied', store_damaged: 'store damaged', store_failed: 'store failed',
  })) {
    assert.equal(unkept({ reason, problem: 'write t.db: x', waiting: 3, lost: '2' }),
      `What is said is not being kept: ${says} (write t.db: x). 3 wait, 2 are lost.`);
  }
});

test('what was decided on memories is listed', () => {
  const v = told(lobby, { room: 'lobby', kind: 'memory', persona: 'iris', at, sequence: '5', memory: { decisions: [
    { text: 'Ada likes tea.', outcome: 'admitted' }, { text: 'x', outcome: 'dropped', reason: 'self_echo' },
  ] } });
  assert.deepEqual(v.memories.map((m) => [m.key, m.persona, m.outcome]), [['5/0', 'iris', 'admitted'], ['5/1', 'iris', 'dropped']]);
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
