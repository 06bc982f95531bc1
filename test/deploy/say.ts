/** Says what goes on, as it happens: a deployment takes its time. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
