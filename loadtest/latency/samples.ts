/** Of one entrant in one round. */
export const SAMPLES = 500;
export const WARM_UP_SAMPLES = 5_000;
