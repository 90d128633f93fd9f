// How the page gets on with the service: what it asks when, and what it makes of answers that fail. npm run unit.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { asked, clock, framed, hide, revoked, screen, serve, settled } from './page';
import { call, CallError } from '../src/api/call';
import { stream } from '../src/api/stream';
import { wait } from '../src/api/limit';
import { lost, Seat, type Show } from '../src/join/session';
import { look, pin } from '../src/state/pictures';
import { enter, failed, leases, presence, rooms } from '../src/state/poll';
import { store } from '../src/state/store';
import { events, loudness, whileSeen } from '../src/state/watch';
import { empty, partKey } from '../src/state/view';

beforeEach(() => {
  store.view = empty;
  asked.length = revoked.length = 0;
  hide(false);
  clock.begin();
});

const pass = (ms: number) => clock.pass(ms);

const calls = (method: string) => asked.filter((a) => a.method === method);

test('a problem is gone when what had it works, and no sooner', async () => {
  const wrong: Record<string, string> = {};
  serve((method) => {
    if (wrong[method]) return { reason: wrong[method] };
    return method === 'RoomService/ListRooms' ? { rooms: [{ name: 'lobby' }] } : {};
  });
  await rooms();
  assert.deepEqual([store.view.room, store.view.link, store.view.problems], ['lobby', 'polling', {}]);
  store.set({ link: 'live' });
  wrong['RoomService/ListRooms'] = wrong['RoomService/GetRoomState'] = 'store_away';
  await Promise.all([rooms(), presence()]);
  assert.deepEqual(store.view.problems, { rooms: 'it says store_away', room: 'it says store_away' });
  delete wrong['RoomService/ListRooms'];
  await Promise.all([rooms(), presence()]);
  assert.deepEqual(store.view.problems, { room: 'it says store_away' });
  delete wrong['RoomService/GetRoomState'];
  await presence();
  assert.deepEqual([store.view.link, store.view.problems], ['live', {}]);
});

test('a room that is about to go is no problem, nor is what was wrong with one that was left', async () => {
  serve((method) => (method === 'RoomService/GetRoomState' ? { reason: 'unknown_room' } : {}));
  store.set({ room: 'lobby', link: 'live', problems: { room: 'something', events: 'something else', rooms: 'and more' } });
  await presence();
  assert.deepEqual(store.view.problems, { events: 'something else', rooms: 'and more' });
  enter('three');
  assert.deepEqual(store.view.problems, { rooms: 'and more' });
  failed('events', new CallError('it is locked', '401', 'token_changed'));
  assert.deepEqual([store.view.link, store.view.problems], ['locked', {}]);
});

test('who holds what is asked for, and what was refused is counted by silicon, class and reason', async () => {
  const held = {
    pools: [
      { silicon: 'CPU', usedUnits: 1000, classes: [{ class: 'voice', refused: { no_room: '2', too_late: '1' } }, { class: 'look', granted: '7' }] },
      { silicon: 'GPU', classes: [{ class: 'voice', refused: { no_room: '4' } }] }, {},
    ],
    leases: [{ token: '3', holder: 'lobby/iris', silicon: 'CPU' }], waiting: [{ holder: 'lobby/max' }], noBudget: { CUDA: '5' },
  };
  let answer: object = held;
  serve(() => answer);
  const { signal } = new AbortController();
  for (const link of ['opening', 'down', 'locked'] as const) {
    store.set({ link });
    await leases(signal);
  }
  assert.deepEqual([asked.length, store.view.machine], [0, empty.machine], 'a service that is not there is asked nothing');
  store.set({ link: 'live' });
  await leases(signal);
  const { machine } = store.view;
  assert.deepEqual(machine.leases, held);
  assert.deepEqual(machine.refused.map((r) => [r.silicon, r.class, r.reason, r.count]), [
    ['CPU', 'voice', 'no_room', 2], ['CPU', 'voice', 'too_late', 1], ['GPU', 'voice', 'no_room', 4],
    ['CUDA', 'demand', 'no_budget', 5],
  ]);
  answer = structuredClone(held);
  await leases(signal);
  assert.equal(store.view.machine, machine, 'what says the same is drawn once');
  answer = { reason: 'busy' };
  await leases(signal);
  assert.equal(store.view.machine, machine, 'what is not answered takes nothing back');
  answer = {};
  await leases(signal);
  assert.deepEqual([store.view.machine.leases, store.view.machine.refused], [{}, []]);
});

test('a service that hangs is one that does not answer', async () => {
  serve(() => undefined);
  store.set({ room: 'lobby', link: 'live' });
  const asking = presence();
  await pass(14_000);
  assert.equal(store.view.link, 'live');
  await pass(2000);
  await asking;
  assert.deepEqual([store.view.link, store.view.problems], ['down', { room: 'the service does not answer' }]);
  const seating = call('PersonaService/SpawnPersona', { room: 'lobby' }).then(() => 'seated', (e: CallError) => e.reason);
  await pass(140_000);
  assert.equal(await Promise.race([seating, 'waits']), 'waits', 'models take their time to load');
  await pass(20_000);
  assert.equal(await seating, 'unreachable');
});

test('an answer that breaks off is none', async () => {
  serve(() => new Response('{"rooms": [', { status: 200 }));
  await rooms();
  assert.equal(store.view.problems.rooms, 'the service does not answer');
});

/** tap answers with a stream and gives what is written into it. */
function tap(): { to: ReadableStreamDefaultController<Uint8Array>; response: Response } {
  let to: ReadableStreamDefaultController<Uint8Array> | undefined;
  const response = new Response(new ReadableStream<Uint8Array>({ start: (c) => { to = c; } }));
  return { to: to as ReadableStreamDefaultController<Uint8Array>, response };
}

test('a stream without a heartbeat has broken off', async () => {
  let { to, response } = tap();
  serve(() => {
    ({ to, response } = tap());
    asked.at(-1)?.signal.addEventListener('abort', () => to.error(new DOMException('', 'AbortError')));
    return response;
  });
  const got: object[] = [];
  const end = stream('EventService/WatchEvents', {}, (m: object) => got.push(m), new AbortController().signal).catch((e: CallError) => e);
  await pass(20_000);
  to.enqueue(framed({ sequence: '1' }));
  await pass(20_000);
  to.enqueue(framed({ sequence: '2' }));
  await pass(24_000);
  assert.deepEqual(got, [{ sequence: '1' }, { sequence: '2' }]);
  await pass(2000);
  const why = await end as CallError;
  assert.deepEqual([why.reason, why.message], ['unreachable', 'the service has fallen silent']);
});

test('waiting leaves nothing with its signal', async () => {
  const end = new AbortController();
  let listeners = 0;
  const { signal } = end;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  Object.assign(signal, {
    addEventListener: (...a: Parameters<typeof add>) => { listeners++; add(...a); },
    removeEventListener: (...a: Parameters<typeof remove>) => { listeners--; remove(...a); },
  });
  for (let i = 0; i < 5; i++) {
    const waited = wait(1000, signal);
    await pass(1000);
    await waited;
  }
  assert.equal(listeners, 0);
  const cut = wait(1000, signal);
  end.abort();
  await cut;
  await wait(1000, signal); // one that has ended already
});

test('a hidden page follows nothing, and goes on from where it was', async () => {
  const open: Record<string, { to: ReadableStreamDefaultController<Uint8Array>; signal: AbortSignal }> = {};
  serve((method) => {
    const { to, response } = tap();
    const { signal } = asked.at(-1) as (typeof asked)[0];
    signal.addEventListener('abort', () => to.error(new DOMException('', 'AbortError')));
    open[method] = { to, signal };
    return method.startsWith('EventService') ? response : {};
  });
  store.set({ room: 'lobby', link: 'polling' });
  const end = new AbortController();
  const all = Promise.all([events('lobby', end.signal), loudness('lobby', end.signal)]);
  await settled();
  const [first, loud] = [open['EventService/WatchEvents'], open['EventService/WatchLevels']];
  first?.to.enqueue(framed({ sequence: '41', log: 'a' }));
  await settled();
  assert.equal(store.view.link, 'live');
  hide(true);
  await pass(1000);
  assert.deepEqual([first?.signal.aborted, loud?.signal.aborted], [false, true], 'levels end at once, events after a while');
  hide(false);
  await pass(10_000);
  assert.equal(first?.signal.aborted, false, 'who comes back soon has lost nothing');
  assert.equal(calls('EventService/WatchLevels').length, 2);
  hide(true);
  await pass(6000);
  assert.deepEqual([first?.signal.aborted, store.view.link], [true, 'polling']);
  await pass(60_000);
  assert.equal(calls('EventService/WatchEvents').length, 1);
  hide(false);
  await settled();
  assert.deepEqual(calls('EventService/WatchEvents').map((a) => a.body), [{ room: 'lobby', recent: 200 }, { room: 'lobby', after: '41', log: 'a' }]);
  store.set({ problems: { events: 'something' } });
  open['EventService/WatchEvents']?.to.enqueue(framed({ sequence: '42', log: 'a' }));
  await settled();
  assert.deepEqual([store.view.link, store.view.problems], ['live', {}]);
  end.abort();
  await all;
});

test('a task is not begun for a page that nobody sees, nor after the end', async () => {
  const end = new AbortController();
  let begun = 0;
  screen.visibilityState = 'hidden';
  const run = whileSeen(0, end.signal, async (seen) => {
    begun++;
    await new Promise<void>((done) => { seen.addEventListener('abort', () => done()); });
  });
  await pass(1000);
  assert.equal(begun, 0);
  hide(false);
  await settled();
  hide(true);
  await pass(1);
  hide(false);
  await settled();
  assert.equal(begun, 2);
  end.abort();
  await run;
  hide(true);
  hide(false);
  await settled();
  assert.deepEqual([begun, screen.listeners], [2, 0]);
});

test('a service that was started anew counts its turns anew', async () => {
  let log = 'a';
  serve((method) => {
    if (method !== 'EventService/WatchEvents') return {};
    if (log === 'b' && calls(method).length === 2) return { reason: 'other_log' };
    const { to, response } = tap();
    to.enqueue(framed({ sequence: '7', log, events: [{ room: 'lobby', kind: 'said', turn: 1, persona: 'iris', text: `From ${log}.` }] }));
    to.enqueue(framed({}, 2));
    return response;
  });
  store.set({ room: 'lobby' });
  const end = new AbortController();
  const following = events('lobby', end.signal);
  await settled();
  log = 'b';
  await pass(1000);
  await pass(1000);
  assert.deepEqual(store.view.lines.map((l) => [l.text, l.done]), [['From a.', true], ['From b.', false]]);
  end.abort();
  await following;
});

test('a gap in the events ends what was open, and what comes behind it overwrites nothing', async () => {
  let gone = false;
  serve((method) => {
    if (method !== 'EventService/WatchEvents') return {};
    if (gone && calls(method).length === 2) return { reason: 'sequence_gone' };
    const { to, response } = tap();
    const text = gone ? 'After the gap.' : 'Before it.';
    to.enqueue(framed({ sequence: '7', log: 'a', events: [{ room: 'lobby', kind: 'said', turn: 1, persona: 'iris', text }] }));
    to.enqueue(framed({}, 2));
    return response;
  });
  store.set({ room: 'lobby' });
  const end = new AbortController();
  const following = events('lobby', end.signal);
  await settled();
  gone = true;
  await pass(1000);
  await pass(1000);
  assert.deepEqual(store.view.lines.map((l) => [l.text, l.done]), [['Before it.', true], ['After the gap.', false]]);
  end.abort();
  await following;
});

test('events that do not come say nothing of the service that answers', async () => {
  serve((method) => (method === 'EventService/WatchEvents' ? { reason: 'unreachable' } : { rooms: [{ name: 'lobby' }] }));
  store.set({ room: 'lobby', link: 'polling' });
  const end = new AbortController();
  const following = events('lobby', end.signal);
  await settled();
  await rooms(end.signal);
  assert.deepEqual([store.view.link, store.view.problems], ['polling', { events: 'the events do not come' }]);
  end.abort();
  await pass(1000);
  await following;
});

test('pictures are asked for of the latest answers, as their turns are counted now', async () => {
  const reply = (turn: number) => ({ room: 'lobby', kind: 'reply', turn, persona: 'iris', reply: { answer: 'Yes.', source: 'TR/1' } });
  const { to, response } = tap();
  serve((method) => (method === 'EventService/WatchEvents' ? response : { reason: 'no_sight' }));
  store.set({ room: 'lobby' });
  const end = new AbortController();
  const following = events('lobby', end.signal);
  await settled();
  const eight = Array.from({ length: 8 }, (_, i) => reply(i + 1));
  to.enqueue(framed({ sequence: '11', log: 'a', events: [reply(1), reply(2), { room: 'lobby', kind: 'room', state: 'open' }, ...eight] }));
  await settled();
  assert.deepEqual(calls('RoomService/GetSight').map((a) => a.body.turn), [3, 4, 5, 6, 7, 8]);
  end.abort();
  to.error(new DOMException('', 'AbortError'));
  await following;
});

const picture = (encoder: string, number: number) => ({
  sight: { track: 'TR', encoder, number, framesDropped: 1 }, image: btoa('png'), mediaType: 'image/png', width: 8, height: 8,
});

test('the newest picture is asked of a persona that looks with its encoder', async () => {
  const has: Record<string, string> = { iris: 'small', max: 'large' };
  let number = 1;
  serve((method, body) => {
    if (method !== 'RoomService/GetSight') return {};
    const encoder = has[String(body.persona)];
    return encoder ? picture(encoder, number) : { reason: 'no_sight' };
  });
  store.set({ room: 'lobby' });
  const state = () => ({
    personas: ['otto', 'iris', 'max'].map((identity) => ({ identity, name: identity, ready: true })),
    sights: [{ track: 'TR', encoder: 'small', number: 0, ageMs: 900 }, { track: 'TR', encoder: 'large', number, ageMs: 10 }],
  });
  const who = () => calls('RoomService/GetSight').map((a) => a.body.persona);
  look('lobby', state());
  await settled();
  assert.deepEqual([who(), store.view.picture?.sight.encoder], [['otto', 'iris', 'max'], 'large']);
  look('lobby', state());
  await settled();
  assert.equal(who().length, 3, 'it is shown already');
  number = 2;
  look('lobby', state());
  await settled();
  assert.deepEqual([who().slice(3), store.view.picture?.sight.number], [['max'], 2]);
  number = 3;
  await pass(11_000);
  has.otto = 'large';
  look('lobby', state());
  await settled();
  assert.deepEqual([who().slice(4), store.view.picture?.sight.number], [['otto'], 3], 'who was blind may look later');
  await pass(2000);
  assert.deepEqual(revoked, ['blob:1', 'blob:2', 'blob:3'], 'all but the one that is shown are given back');
});

test('pictures of a room that is left are given back, also those that come late', async () => {
  serve((method) => (method === 'RoomService/GetSight' ? picture('small', 1) : {}));
  const of = { epoch: 0, turn: 1, persona: 'iris', at: 0 };
  const reply = { ...of, key: partKey(of), who: 'ada', error: '', trace: {} };
  store.set({ room: 'lobby', turns: [reply] });
  const state = { personas: [{ identity: 'iris' }], sights: [{ track: 'TR', encoder: 'small', number: 1 }] };
  look('lobby', state);
  await pin('lobby', of, {});
  await settled();
  const held = [store.view.picture?.url, store.view.pins[0]?.picture.url];
  assert.equal(held.filter(Boolean).length, 2);
  const late = pin('lobby', of, {});
  enter('three');
  await late;
  store.set({ room: 'lobby' });
  await pin('lobby', of, {}); // whose answer is not shown any more
  await pass(2000);
  assert.deepEqual([store.view.picture, store.view.pins], [undefined, []]);
  assert.equal(revoked.length, 4);
  for (const url of held) assert.ok(revoked.includes(String(url)), url);
});

/** Chair is a seat in a room of which each part may be refused. */
class Chair extends Seat {
  refused = new Set<string>();
  published: string[] = [];

  protected override async connect(): Promise<void> {
    const able = (what: string) => async (on?: boolean) => {
      if (on && this.refused.has(what)) throw new Error(`${what} refused`);
      return undefined;
    };
    this.room = {
      localParticipant: { setMicrophoneEnabled: able('microphone'), setCameraEnabled: able('camera') },
      removeAllListeners: () => undefined, disconnect: async () => undefined, remoteParticipants: new Map(),
    } as never;
    this.set({ state: 'in', name: 'Ada' });
  }

  protected override async publishScene(): Promise<void> {
    if (this.refused.has('scene')) throw new Error('scene refused');
  }
}

test('a microphone that is refused is told, and the scene is shown all the same', async () => {
  const s = new Chair();
  s.refused.add('microphone');
  await s.enter('lobby', 'Ada', true, 'scene');
  assert.deepEqual([s.now.state, s.now.microphone, s.now.show, s.now.error], ['in', false, 'scene', 'microphone refused']);
  s.refused.add('scene');
  await s.enter('lobby', 'Ada', true, 'scene' as Show);
  assert.equal(s.now.error, 'microphone refused', 'what went wrong first');
  await s.leave();
  assert.deepEqual([s.now.state, s.now.error], ['out', '']);
});

test('a camera that is refused shows nothing, not what was shown before', async () => {
  const s = new Chair();
  await s.enter('lobby', 'Ada', false, 'scene');
  s.refused.add('camera');
  await s.present('camera');
  assert.deepEqual([s.now.show, s.now.error], ['nothing', 'camera refused']);
});

test('who was put out of a room reads why', async () => {
  const s = new Chair();
  await s.enter('lobby', 'Ada', false, 'nothing');
  await s.leave(lost('PARTICIPANT_REMOVED'));
  assert.deepEqual([s.now.state, s.now.error], ['out', 'You are not in the room any more: participant removed.']);
  assert.equal(lost(''), 'You are not in the room any more.');
});
