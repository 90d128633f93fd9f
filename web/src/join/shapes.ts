// Outlines of shapes, in a square from -1 to 1; y grows downwards. They are those of
// testmedia/scene, which the calibration model was trained on.

export type Point = readonly [number, number];

export const shapeNames = ['circle', 'square', 'triangle', 'star', 'heart', 'diamond', 'cross', 'ring', 'arrow', 'hexagon'] as const;
export type ShapeName = (typeof shapeNames)[number];

/** How a shape is drawn: tilt in radians, quarter turns of an arrow, thickness from 0 to 1. */
export interface Posture {
  tilt: number;
  quarter: number;
  inner: number;
}

function regular(corners: number, turned: number, radius: number): Point[] {
  return Array.from({ length: corners }, (_, i) => {
    const a = turned + (2 * Math.PI * i) / corners;
    return [radius * Math.sin(a), -radius * Math.cos(a)] as const;
  });
}

function turn(points: readonly Point[], by: number): Point[] {
  const sin = Math.sin(by);
  const cos = Math.cos(by);
  return points.map(([x, y]) => [x * cos - y * sin, x * sin + y * cos] as const);
}

function star(turned: number): Point[] {
  const inner = regular(5, turned + Math.PI / 5, 0.42);
  return regular(5, turned, 1).flatMap((p, i) => [p, inner[i] as Point]);
}

function cross(k: number): Point[] {
  const e = 0.95;
  return [[-k, -e], [k, -e], [k, -k], [e, -k], [e, k], [k, k], [k, e], [-k, e], [-k, k], [-e, k], [-e, -k], [-k, -k]];
}

function heart(): Point[] {
  return Array.from({ length: 40 }, (_, i) => {
    const t = (2 * Math.PI * i) / 40;
    const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
    return [(16 * Math.sin(t) ** 3) / 17, -y / 17 - 0.1] as const;
  });
}

/** contours are the closed outlines of a shape; a second one turns the other way round and is a hole. */
export function contours(name: ShapeName, p: Posture): Point[][] {
  switch (name) {
    case 'circle': return [regular(48, 0, 1)];
    case 'ring': return [regular(48, 0, 1), regular(48, 0, 0.42 + 0.2 * p.inner).reverse()];
    case 'square': return [turn([[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]], p.tilt)];
    case 'triangle': return [regular(3, p.tilt, 1)];
    case 'hexagon': return [regular(6, p.tilt + Math.PI / 6, 1)];
    case 'diamond': return [turn([[0, -1], [0.68, 0], [0, 1], [-0.68, 0]], p.tilt)];
    case 'star': return [star(p.tilt)];
    case 'cross': return [turn(cross(0.24 + 0.12 * p.inner), p.tilt)];
    case 'arrow': return [turn([[-0.95, -0.25], [0.1, -0.25], [0.1, -0.7], [0.95, 0], [0.1, 0.7], [0.1, 0.25], [-0.95, 0.25]],
      p.tilt + (p.quarter * Math.PI) / 2)];
    case 'heart': return [turn(heart(), p.tilt)];
  }
}
