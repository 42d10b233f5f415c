/** One connection of a load: a frame out, then word when everything in it is answered. */
export interface Lane {
  /** Makes the frames of a round before the clock runs. */
  prepare(frames: number): Uint8Array[];
  send(frame: Uint8Array): void;
  onAnswered: () => void;
  onEnd: (why: Error) => void;
  close(): Promise<void>;
}
