/** Whether a command line asks about logseal itself, and for no work. */
export function asksAbout(words: readonly string[]): boolean {
  const [first = 'help'] = words;
  return ['help', '--version'].includes(first) || words.includes('--help') || words.includes('-h');
}
