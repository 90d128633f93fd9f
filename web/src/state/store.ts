// Holds the view, and tells those who show it that it has changed: once a frame.
import { useEffect, useReducer, useRef } from 'preact/hooks';
import { empty, type View } from './view';

export class Store {
  view: View = empty;
  private listeners = new Set<() => void>();
  private due = false;

  /** change replaces the view. */
  change(by: (v: View) => View): void {
    const next = by(this.view);
    if (next === this.view) return;
    this.view = next;
    if (this.due) return;
    this.due = true;
    const tell = () => {
      if (!this.due) return;
      this.due = false;
      this.listeners.forEach((l) => l());
    };
    // A page in the background draws no frames, and is told all the same.
    if (document.visibilityState === 'visible') requestAnimationFrame(tell);
    else setTimeout(tell, 250);
  }

  set(part: Partial<View>): void {
    this.change((v) => ({ ...v, ...part }));
  }

  listen(l: () => void): () => void {
    this.listeners.add(l);
    return () => this.listeners.delete(l);
  }
}

export const store = new Store();

/** useView is a part of the view; pick must return the same object while nothing has changed. */
export function useView<T>(pick: (v: View) => T): T {
  const [, again] = useReducer((n: number) => n + 1, 0);
  const value = pick(store.view);
  const shown = useRef({ pick, value });
  shown.current = { pick, value };
  useEffect(() => {
    const look = () => { if (shown.current.pick(store.view) !== shown.current.value) again(undefined); };
    look();
    return store.listen(look);
  }, []);
  return value;
}
