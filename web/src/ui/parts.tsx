// Small parts that all panels are made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { seconds } from '../state/looked';
import { useView } from '../state/store';
import { nameOf } from '../state/view';

export { seconds };

/** Panel is a titled region. aside stands beside the title. */
export function Panel(p: { name: string; title: string; aside?: ComponentChildren; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class={`panel ${p.name}`} aria-labelledby={id}>
      <header><h2 id={id}>{p.title}</h2><div class="aside">{p.aside}</div></header>
      {p.children}
    </section>
  );
}

/** Empty is what a panel says while it has nothing to show. */
export function Empty(p: { children: ComponentChildren }) {
  return <p class="empty">{p.children}</p>;
}

/** Who is a name in its colour: personas have one each, people share one. */
export function Who(p: { name: string }) {
  return <span class={`who ${useHue(p.name)}`}>{useView((v) => nameOf(v.names, p.name))}</span>;
}

/** useHue is the class of somebody's colour in the room that is shown. */
export function useHue(name: string): string {
  const i = useView((v) => (v.state.personas ?? []).findIndex((s) => s.identity === name || s.name === name));
  return i < 0 ? 'person' : `hue${i % 6}`;
}

/** Age counts up since a moment, in ms since 1970, ten times a second, without drawing anything else again. */
export function Age(p: { since: number }) {
  const to = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const write = () => { if (to.current) to.current.textContent = seconds(Date.now() - p.since); };
    write();
    const timer = setInterval(write, 100);
    return () => clearInterval(timer);
  }, [p.since]);
  return <span class="age" ref={to} />;
}

/** Bar is how much of something is used. */
export function Bar(p: { label: string; used: number; of: number; text: string }) {
  const share = p.of > 0 ? Math.min(1, p.used / p.of) : 0;
  return (
    <div class="bar">
      <span class="label">{p.label}</span>
      <meter min={0} max={1} value={share} aria-label={`${p.label}: ${p.text}`} />
      <span class="value">{p.text}</span>
    </div>
  );
}

/**
 * Act is a button that asks the service for something, and shows while it does and what went wrong. One
 * that cannot be pressed keeps the keyboard's focus, so that nobody loses their place.
 */
export function Act(p: { label: string; title?: string; does: (by: HTMLElement) => Promise<unknown>; disabled?: boolean; pressed?: boolean; class?: string }) {
  const [state, set] = useState<{ busy: boolean; error: string }>({ busy: false, error: '' });
  const off = Boolean(p.disabled) || state.busy;
  const run = (e: { currentTarget: HTMLElement }) => {
    if (off) return;
    set({ busy: true, error: '' });
    p.does(e.currentTarget).then(() => set({ busy: false, error: '' }), (e: unknown) => set({ busy: false, error: e instanceof Error ? e.message : String(e) }));
  };
  return (
    <>
      <button type="button" class={p.class} title={p.title} aria-label={p.title} aria-pressed={p.pressed} aria-busy={state.busy}
        aria-disabled={off} onClick={run}>{p.label}</button>
      {state.error && <span class="wrong" role="alert">{state.error}</span>}
    </>
  );
}

/**
 * useFocus keeps the keyboard's place in a region whose content is replaced: where what had the focus went with
 * it, the first control of what came has it then.
 */
export function useFocus(content: string | boolean) {
  const region = useRef<HTMLDivElement>(null);
  const had = region.current?.contains(document.activeElement) ?? false; // what is shown is still the old content
  useLayoutEffect(() => {
    if (had && !region.current?.contains(document.activeElement)) firstOf(region.current)?.focus();
  }, [content]);
  return region;
}

/** firstOf is the first control in an element. */
export const firstOf = (within: Element | null) => within?.querySelector<HTMLElement>('input, button, select, textarea');

/** bytes is a number of them as people read it. */
export function bytes(n: number | string | undefined): string {
  const b = Number(n ?? 0);
  if (b >= 1e9) return `${(b / 1e9).toFixed(1)} GB`;
  return b >= 1e6 ? `${Math.round(b / 1e6)} MB` : `${Math.round(b / 1e3)} kB`;
}

/** words is a stable word of the service as people read it. */
export const words = (reason: string) => reason.replaceAll('_', ' ');

/** clock is a moment as a time of day. */
export const clock = (at: number) => new Date(at).toLocaleTimeString('en-GB');
