/** How much there is before an operation is measured. */
export interface Shape {
  readonly actors: number;
  /** Open on each actor. */
  readonly holds: number;
  /** Events that each actor has had besides. */
  readonly history: number;
}

const BASE: Shape = { actors: 10_000, holds: 2, history: 2 };

/** Ten times as much of one thing, the rest as it is. */
export const SHAPES = {
  base: BASE,
  actors: { ...BASE, actors: 10 * BASE.actors },
  holds: { ...BASE, holds: 10 * BASE.holds },
  history: { ...BASE, history: 10 * (BASE.history + BASE.holds) },
} as const satisfies Readonly<Record<string, Shape>>;

export type ShapeName = keyof typeof SHAPES;
export const SHAPE_NAMES = Object.keys(SHAPES) as ShapeName[];
