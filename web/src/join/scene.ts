// Drawn scenes, for who has no camera or wants to show none: four colours, or one to three coloured
// shapes, in the style of testmedia/scene, so that the calibration model answers rightly. What is true
// of a scene is known, and shown beside it.
import { contours, shapeNames, type Posture, type ShapeName } from './shapes';

export const width = 640;
export const height = 480;

const colours = {
  red: [220, 30, 30], green: [30, 160, 50], blue: [30, 60, 220], yellow: [245, 225, 40], orange: [250, 135, 20], purple: [130, 40, 170],
  pink: [250, 150, 195], brown: [120, 70, 30], black: [15, 15, 15], white: [245, 245, 245], gray: [130, 130, 130],
} as const;
type Colour = keyof typeof colours;
const colourNames = Object.keys(colours) as Colour[];

const positions = ['top left', 'top', 'top right', 'left', 'center', 'right', 'bottom left', 'bottom', 'bottom right'] as const;

type Value = [number, number, number];

interface Thing extends Posture {
  name: ShapeName;
  colour: Colour;
  value: Value;
  field: number;
  x: number;
  y: number;
  size: number;
}

/** Question is one that the scene has an answer to. */
export interface Question {
  text: string;
  answer: string;
}

/** Scene is a picture and what is true of it. */
export interface Scene {
  seed: number;
  description: string;
  questions: Question[];
  draw: (to: CanvasRenderingContext2D) => void;
}

/** sceneOf is the scene of a seed: always the same. */
export function sceneOf(seed: number): Scene {
  const random = numbers(seed);
  return random() < 0.4 ? quadrants(seed, random) : shapes(seed, random);
}

type Random = () => number;

/** numbers gives random ones from 0 to 1 (mulberry32). */
function numbers(seed: number): Random {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const between = (r: Random, low: number, high: number) => low + (high - low) * r();
const whole = (r: Random, n: number) => Math.floor(r() * n);

function shuffled<T>(r: Random, list: readonly T[]): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = whole(r, i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

/** jitter is a value up to 22 steps off a colour's middle. */
function jitter(r: Random, c: Colour): Value {
  return colours[c].map((v) => Math.min(255, Math.max(0, v + whole(r, 45) - 22))) as Value;
}

const css = (v: Value) => `rgb(${v[0]} ${v[1]} ${v[2]})`;
const far = (a: Value, b: Value) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2 >= 115 ** 2;
const article = (name: string) => (/^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`);
const capital = (s: string) => s.charAt(0).toUpperCase() + s.slice(1);

function at(position: string): string {
  if (position === 'center') return 'in the center';
  return position === 'left' || position === 'right' ? `on the ${position}` : `at the ${position}`;
}

function listed(parts: string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function quadrants(seed: number, r: Random): Scene {
  const panels = shuffled(r, colourNames).slice(0, 4).map((colour, i) => (
    { colour, value: jitter(r, colour), position: positions[[0, 2, 6, 8][i] as number] as string }));
  const mx = Math.round(between(r, 0.46, 0.54) * width);
  const my = Math.round(between(r, 0.46, 0.54) * height);
  return {
    seed,
    description: `${capital(listed(panels.map((p) => `${p.colour} ${at(p.position)}`)))}.`,
    questions: panels.map((p) => ({ text: `What color is at the ${p.position}?`, answer: p.colour })),
    draw: (to) => panels.forEach((p, i) => {
      to.fillStyle = css(p.value);
      to.fillRect(i % 2 ? mx : 0, i > 1 ? my : 0, i % 2 ? width - mx : mx, i > 1 ? height - my : my);
    }),
  };
}

function shapes(seed: number, r: Random): Scene {
  const ground = colourNames[whole(r, colourNames.length)] as Colour;
  const base = jitter(r, ground);
  const names = shuffled(r, shapeNames);
  const fields = shuffled(r, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  const things: Thing[] = [];
  for (let i = 0, n = 1 + whole(r, 3); i < n; i++) {
    const colour = contrast(r, ground, base);
    const field = fields[i] as number;
    const size = n === 1 ? between(r, 0.3, 0.5) : between(r, 0.24, 0.31);
    things.push({
      name: names[i] as ShapeName, ...colour, field, size, tilt: between(r, -0.21, 0.21), quarter: whole(r, 4), inner: r(),
      x: inside(((field % 3) + 0.5) / 3 + between(r, -0.04, 0.04), size), y: inside((Math.floor(field / 3) + 0.5) / 3 + between(r, -0.04, 0.04), size),
    });
  }
  things.sort((a, b) => a.field - b.field);
  const place = (t: Thing) => positions[t.field] as string;
  return {
    seed,
    description: `${capital(listed(things.map((t) => `${article(`${t.colour} ${t.name}`)} ${at(place(t))}`)))}.`,
    questions: things.flatMap((t) => [
      { text: `What color is the ${t.name}?`, answer: t.colour as string }, { text: `What is ${at(place(t))}?`, answer: t.name },
    ]),
    draw: (to) => {
      to.fillStyle = css(base);
      to.fillRect(0, 0, width, height);
      things.forEach((t) => drawThing(to, t));
    },
  };
}

const inside = (v: number, size: number) => Math.min(Math.max(v, size / 2), 1 - size / 2);

function contrast(r: Random, ground: Colour, base: Value): { colour: Colour; value: Value } {
  for (;;) {
    const colour = colourNames[whole(r, colourNames.length)] as Colour;
    const value = jitter(r, colour);
    if (colour !== ground && far(value, base)) return { colour, value };
  }
}

function drawThing(to: CanvasRenderingContext2D, t: Thing): void {
  const half = (t.size * Math.min(width, height)) / 2;
  to.beginPath();
  for (const outline of contours(t.name, t)) {
    outline.forEach(([x, y], i) => {
      const px = t.x * width + x * half;
      const py = t.y * height + y * half;
      if (i === 0) to.moveTo(px, py);
      else to.lineTo(px, py);
    });
    to.closePath();
  }
  to.fillStyle = css(t.value);
  to.fill();
}
