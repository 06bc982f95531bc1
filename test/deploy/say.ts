/** Prints progress at once, because a deployment takes long. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
