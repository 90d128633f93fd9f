// The page: what is most wanted first.
import { useEffect, useState } from 'preact/hooks';
import { token } from './api/call';
import { Join, useSession } from './join/controls';
import { Context } from './panels/context';
import { Floor } from './panels/floor';
import { House } from './panels/house';
import { Leases } from './panels/leases';
import { Sight } from './panels/sight';
import { Transcript } from './panels/transcript';
import { Waterfall } from './panels/waterfall';
import { Wave } from './panels/wave';
import { unkept } from './state/keeping';
import { levels } from './state/levels';
import { enter, every, failed, keeping, leases, models, presence, rooms } from './state/poll';
import { store, useView } from './state/store';
import { events, loudness } from './state/watch';

/** useService follows the service while the page is there. */
function useService(): void {
  const room = useView((v) => v.room);
  const open = useView((v) => v.link !== 'locked');
  useEffect(() => {
    if (!open) return undefined;
    const end = new AbortController();
    every(3000, rooms, end.signal);
    every(1000, presence, end.signal);
    every(1000, leases, end.signal);
    every(5000, models, end.signal);
    every(2000, keeping, end.signal);
    return () => end.abort();
  }, [open]);
  useEffect(() => {
    if (!open || !room) return undefined;
    const end = new AbortController();
    levels.clear();
    void events(room, end.signal).catch((e: unknown) => failed('events', e));
    void loudness(room, end.signal);
    return () => end.abort();
  }, [open, room]);
}

const standing = {
  opening: 'asking the service', live: 'live', polling: 'asked once a second', down: 'the service does not answer', locked: 'a token is needed',
} as const;

export function App() {
  useService();
  const link = useView((v) => v.link);
  const problems = useView((v) => v.problems);
  const inside = useSession().state !== 'out'; // who is in a room can leave it, whatever the service says
  return (
    <>
      <a class="skip" href="#main">To the content</a>
      <header class="top">
        <h1>Console</h1>
        <RoomPicker />
        <span class="link-state" data-link={link} role="status">{standing[link]}</span>
        {(link !== 'locked' || inside) && <Join />}
        {[...new Set(Object.values(problems))].map((p) => <p key={p} class="wrong problem" role="alert">{p}</p>)}
        {link !== 'locked' && <Keeping />}
      </header>
      <main id="main" tabIndex={-1}>
        {link === 'locked' ? <SignIn /> : (
          <>
            <Sight /><Transcript /><Floor /><Waterfall /><Wave /><Leases /><Context /><House />
          </>
        )}
      </main>
    </>
  );
}

/** Keeping says what stands in the way of keeping what is said, in the words of the store. */
function Keeping() {
  const k = useView((v) => v.kept);
  const said = unkept(k);
  return said ? <p class="wrong keeping" data-reason={k.reason}><span role="alert">{said.why}</span> {said.counts}</p> : null;
}

function RoomPicker() {
  const rooms = useView((v) => v.rooms);
  const room = useView((v) => v.room);
  return (
    <label class="room">Room <select value={room} disabled={rooms.length === 0} onChange={(e) => enter(e.currentTarget.value)}>
      {rooms.length === 0 && <option value="">none</option>}
      {rooms.map((r) => <option key={r.name} value={r.name}>{r.name}</option>)}
    </select></label>
  );
}

/** SignIn asks for the API's token, which is kept until the tab is closed. */
function SignIn() {
  const [value, set] = useState('');
  const [refused] = useState(token.get() !== '');
  const submit = (e: Event) => {
    e.preventDefault();
    token.set(value.trim());
    store.set({ link: 'opening', problems: {} });
  };
  return (
    <form class="panel sign-in" onSubmit={submit}>
      <h2>Sign in</h2>
      <p>The service asks for its token (<code>--listen-token-file</code>). It stays in this tab and goes nowhere else.</p>
      {refused && <p class="wrong" role="alert">The service does not take that token.</p>}
      <label>Token <input type="password" value={value} required autocomplete="off" onInput={(e) => set(e.currentTarget.value)} /></label>
      <button type="submit" class="main">Sign in</button>
    </form>
  );
}
