/** A point on the earth, degrees (WGS 84). */
export interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** Mean radius of the earth, km. */
const RADIUS_KM = 6_371;
const RADIAN = Math.PI / 180;

/** Along the surface of a sphere (haversine), km. */
export function kmBetween(a: Place, b: Place): number {
  const sin2 = (degrees: number): number => Math.sin((degrees * RADIAN) / 2) ** 2;
  const level = Math.cos(a.lat * RADIAN) * Math.cos(b.lat * RADIAN);
  const chord = sin2(b.lat - a.lat) + level * sin2(b.lon - a.lon);
  return 2 * RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}
