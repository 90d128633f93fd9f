// The transcript: who said what, how much of an answer has been heard, and who said nothing and why.
import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../api/call';
import { seat } from '../join/session';
import { useSession } from '../join/controls';
import { store, useView } from '../state/store';
import type { Line } from '../state/view';
import { clock, Empty, Panel, Who, words } from '../ui/parts';

export function Transcript() {
  const lines = useView((v) => v.lines);
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    const l = list.current;
    if (l && follows.current) l.scrollTop = l.scrollHeight;
  }, [lines]);
  const scrolled = (e: Event) => {
    const l = e.currentTarget as HTMLElement;
    follows.current = l.scrollHeight - l.scrollTop - l.clientHeight < 40;
  };
  return (
    <Panel name="transcript" title="Transcript">
      {lines.length === 0 && <Empty>Nothing has been said.</Empty>}
      <div class="lines" role="log" aria-live="polite" aria-label="What was said" tabIndex={0} ref={list} onScroll={scrolled}>
        <ol>{lines.map((l) => <Said key={l.id} line={l} />)}</ol>
      </div>
      <Ask />
    </Panel>
  );
}

function Said({ line: l }: { line: Line }) {
  if (l.kind === 'silence') {
    return <li class="silence"><time>{clock(l.at)}</time> <p>{l.who} stayed silent: {words(l.reason)}</p></li>;
  }
  const heard = l.kind === 'human' ? l.text : l.text.slice(0, l.spoken);
  const rest = l.kind === 'human' ? '' : l.text.slice(l.spoken);
  return (
    <li class={`${l.kind} ${l.done ? 'done' : 'open'}`}>
      <time>{clock(l.at)}</time>
      <p>
        <Who name={l.who} /> <span class="heard">{heard}</span>
        {rest && (l.done ? <del class="unheard"><span class="hidden">never heard: </span>{rest}</del>
          : <span class="coming"><span class="hidden">not heard yet: </span>{rest}</span>)}
        {l.reason && <em class="cut"> {words(l.reason)}</em>}
      </p>
    </li>
  );
}

/** Ask puts a question to the room: in its chat where the page is in it, else through the service. */
function Ask() {
  const room = useView((v) => v.room);
  const session = useSession();
  const [text, write] = useState('');
  const [wrong, fail] = useState('');
  const send = async (e: Event) => {
    e.preventDefault();
    if (!room || !text.trim()) return;
    try {
      if (session.state === 'in' && session.room === room) await seat.write(text);
      else await call('RoomService/PublishStimulus', { room: store.view.room, from: 'console', text });
      write('');
      fail('');
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form class="ask" onSubmit={send}>
      <input type="text" aria-label="Ask the room" placeholder="Ask the room…" maxLength={4000} value={text} disabled={!room} autocomplete="off"
        onInput={(e) => write(e.currentTarget.value)} />
      <button type="submit" aria-disabled={!room || !text.trim()}>Ask</button>
      {wrong && <span class="wrong" role="alert">{wrong}</span>}
    </form>
  );
}
