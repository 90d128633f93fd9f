// How people come in: under a name, with a microphone, a camera or a drawn scene.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useView } from '../state/store';
import { Act, useFocus } from '../ui/parts';
import { height, width, type Scene } from './scene';
import { seat, type Session, type Show } from './session';

/** useSession is how the page is in a room. */
export function useSession(): Session {
  const [now, set] = useState(seat.now);
  useEffect(() => seat.listen(set), []);
  return now;
}

/** Join is the strip of controls at the top. */
export function Join() {
  const s = useSession();
  const [name, call] = useState('guest');
  const region = useFocus(s.state === 'in');
  return <div class="strip" ref={region}>{s.state === 'in' ? <You s={s} /> : <Come s={s} name={name} call={call} />}</div>;
}

/** Come lets people in. */
function Come({ s, name, call }: { s: Session; name: string; call: (name: string) => void }) {
  const room = useView((v) => v.room);
  const off = !room || s.state === 'entering';
  const submit = (e: Event) => {
    e.preventDefault();
    if (!off) void seat.enter(room, name.trim() || 'guest', false, 'nothing');
  };
  return (
    <form class="join" aria-label="Join" onSubmit={submit}>
      <label>Your name <input type="text" value={name} maxLength={60} required autocomplete="off" onInput={(e) => call(e.currentTarget.value)} /></label>
      <button type="submit" class="main" aria-disabled={off} aria-busy={s.state === 'entering'}>Join {room || 'a room'}</button>
      {s.error && <span class="wrong" role="alert">{s.error}</span>}
    </form>
  );
}

/** You are the controls of who is in a room. */
function You({ s }: { s: Session }) {
  const show = (what: Show) => () => seat.present(s.show === what ? 'nothing' : what);
  return (
    <div class="join" role="group" aria-label="You">
      <span>In {s.room} as <b>{s.name}</b></span>
      <Act label="Microphone" pressed={s.microphone} does={() => seat.speak(!s.microphone)} />
      <Act label="Camera" pressed={s.show === 'camera'} does={show('camera')} />
      <Act label="Drawn scene" pressed={s.show === 'scene'} does={show('scene')} />
      <button type="button" onClick={() => void seat.leave()}>Leave</button>
      {s.blocked && <button type="button" class="main" onClick={() => void seat.hear()}>Let me hear them</button>}
      {s.error && <span class="wrong" role="alert">{s.error}</span>}
    </div>
  );
}

/** Offer is what the page offers where nobody shows anything. */
export function Offer() {
  const s = useSession();
  const room = useView((v) => v.room);
  const enter = (microphone: boolean) => () => (
    s.state === 'in' ? seat.present('scene') : seat.enter(room, 'guest', microphone, 'scene'));
  return (
    <div class="offer">
      <p>No camera is needed: show a drawn scene and ask about it.</p>
      <Act class="main" label="Talk, with a drawn scene" disabled={!room || s.state === 'entering'} does={enter(true)} />
      <Act label="Write, with a drawn scene" disabled={!room || s.state === 'entering'} does={enter(false)} />
    </div>
  );
}

/** Shown is what the page shows in the room, where that is a drawn scene. */
export function Shown() {
  const s = useSession();
  return s.show === 'scene' && s.scene ? <Drawn scene={s.scene} /> : null;
}

/** Drawn is a scene, what is true of it, and what can be asked. */
function Drawn({ scene }: { scene: Scene }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [wrong, fail] = useState('');
  useEffect(() => {
    const to = canvas.current?.getContext('2d');
    if (to) scene.draw(to);
  }, [scene]);
  const ask = (text: string) => { seat.write(text).then(() => fail(''), (e: unknown) => fail(String(e))); };
  return (
    <div class="drawn">
      <canvas ref={canvas} width={width} height={height} role="img" aria-label="The scene that you show" />
      <div>
        <p class="truth" data-seed={scene.seed}>You show: {scene.description}</p>
        {scene.questions.slice(0, 3).map((q) => <button key={q.text} type="button" class="quick" data-answer={q.answer} onClick={() => ask(q.text)}>{q.text}</button>)}
        <button type="button" onClick={() => seat.another()}>Another scene</button>
        {wrong && <span class="wrong" role="alert">{wrong}</span>}
      </div>
    </div>
  );
}
