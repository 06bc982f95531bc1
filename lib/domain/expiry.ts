const DAY_MS = 24 * 60 * 60 * 1000;

/** How many days an exemption still counts after today, in UTC; negative: it has expired. @param expires as `2027-03-31` */
export function daysLeft(expires: string, now: Date): number {
  const today = now.toISOString().slice(0, 10);
  return Math.round((Date.parse(expires) - Date.parse(today)) / DAY_MS);
}
