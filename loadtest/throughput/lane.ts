/** What one connection sends: one frame, or pipeline, of so many reservations at a time. */
export interface Load {
  /** Reservations in a frame. */
  readonly depth: number;
  /** Over how many SKUs they are spread, without a pattern. 1 is a hot one. */
  readonly skus: number;
  /** Connections that take part; left out: all of them. */
  readonly connections?: number;
  /** One step on many SKUs as one command, in columns, where the peer has that. */
  readonly columns?: true;
  /** Every second command releases what the one before it reserved: the load leaves no hold behind. */
  readonly ends?: true;
}

/** One connection of a load: a frame out, then word when everything in it is answered. */
export interface Lane<Frame = unknown> {
  /** Makes the frames of a round before the clock runs. */
  prepare(frames: number, load: Load): Frame[];
  send(frame: Frame): void;
  onAnswered: () => void;
  onEnd: (why: Error) => void;
  /** Frames that were refused for a while, and sent again under their numbers. */
  again: number;
  close(): Promise<void>;
}
