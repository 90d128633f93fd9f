// Two lanes, people above and personas below: how loud they were, with marks where somebody was
// interrupted, and where somebody only agreed.
import { useEffect, useReducer, useRef } from 'preact/hooks';
import { levels, shownMs } from '../state/levels';
import { store, useView } from '../state/store';
import type { Mark } from '../state/view';
import { Panel } from '../ui/parts';

const several = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

/** useCount is how many marks of a kind are shown; they move out of sight by themselves. */
function useCount(kind: Mark['kind']): number {
  const marks = useView((v) => v.marks);
  const [, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(again, 500);
    return () => clearInterval(timer);
  }, []);
  return levels.shown(marks).filter((m) => m.kind === kind).length;
}

export function Wave() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const interruptions = several(useCount('interruption'), 'interruption');
  const backchannels = several(useCount('backchannel'), 'backchannel');
  useEffect(() => {
    const c = canvas.current;
    if (!c) return undefined;
    let frame = 0;
    let quiet = 0;
    const loop = () => {
      // Where nobody is heard, the lanes move once in a while only.
      if (levels.moves(store.view.marks) || quiet++ % 30 === 0) draw(c);
      frame = requestAnimationFrame(loop);
    };
    loop();
    return () => cancelAnimationFrame(frame);
  }, []);
  const legend = <><span class="mark interruption">▼ {interruptions}</span> <span class="mark backchannel">● {backchannels}</span></>;
  return (
    <Panel name="wave" title="Who is heard" aside={legend}>
      <div class="lanes"><span>people</span><span>personas</span>
        <canvas ref={canvas} role="img" aria-label={`Loudness of people and personas in the last ${shownMs / 1000} seconds: ${interruptions}, ${backchannels}`} />
      </div>
    </Panel>
  );
}

function draw(c: HTMLCanvasElement): void {
  const scale = window.devicePixelRatio || 1;
  const w = Math.round(c.clientWidth * scale);
  const h = Math.round(c.clientHeight * scale);
  if (w === 0 || h === 0) return;
  if (c.width !== w || c.height !== h) Object.assign(c, { width: w, height: h });
  const to = c.getContext('2d');
  if (!to) return;
  const style = getComputedStyle(c);
  const paint = (name: string) => style.getPropertyValue(name);
  to.clearRect(0, 0, w, h);
  const now = Date.now() + levels.ahead;
  const x = (at: number) => w - ((now - at) / shownMs) * w;
  const colours = new Map<string, string>();
  const colour = (who: string, persona: boolean) => {
    if (!persona) return paint('--person');
    const known = colours.get(who);
    if (known) return known;
    const i = (store.view.state.personas ?? []).findIndex((p) => p.identity === who);
    const made = paint(`--hue${Math.max(0, i) % 6}`);
    colours.set(who, made);
    return made;
  };
  to.fillStyle = paint('--line');
  to.fillRect(0, h / 4, w, scale);
  to.fillRect(0, (3 * h) / 4, w, scale);
  for (const l of levels.all) {
    const from = x(l.at - l.ms);
    if (from > w || from + 10 < 0) continue;
    const tall = Math.max(scale, Math.min(1, Math.sqrt(l.peak)) * (h / 2 - 4 * scale));
    to.fillStyle = colour(l.who, l.persona);
    to.fillRect(from, (l.persona ? (3 * h) / 4 : h / 4) - tall / 2, Math.max(scale, x(l.at) - from - scale), tall);
  }
  for (const m of levels.shown(store.view.marks)) {
    to.fillStyle = paint(m.kind === 'interruption' ? '--bad' : '--good');
    sign(to, m.kind, x(m.at), h, scale);
  }
}

/** sign draws a mark: a line through both lanes with a triangle at its top, or a dot between people and personas. */
function sign(to: CanvasRenderingContext2D, kind: Mark['kind'], x: number, h: number, scale: number): void {
  const r = 5 * scale;
  to.beginPath();
  if (kind === 'interruption') {
    to.fillRect(x - scale, 0, 2 * scale, h);
    to.moveTo(x - r, 0);
    to.lineTo(x + r, 0);
    to.lineTo(x, 2 * r);
  } else {
    to.arc(x, h / 2, r, 0, 2 * Math.PI);
  }
  to.fill();
}
