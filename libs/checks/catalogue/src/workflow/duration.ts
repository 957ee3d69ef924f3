const DURATION =
  /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const DAY = 86_400;
const SECONDS = [365 * DAY, 30 * DAY, 7 * DAY, DAY, 3_600, 60, 1];

/** @returns the seconds of an ISO 8601 duration; what is none, or missing, has no end */
export function secondsOf(duration: string | undefined): number {
  const parts = DURATION.exec(duration ?? '');
  if (parts === null) return Number.POSITIVE_INFINITY;
  return SECONDS.reduce((sum, seconds, index) => sum + seconds * Number(parts[index + 1] ?? 0), 0);
}
