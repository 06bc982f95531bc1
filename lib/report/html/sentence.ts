import { partsOfText } from '../commands.ts';

/** A message with a capital at its beginning, unless it begins with a command, a name or an ARN. */
export function sentence(message: string): string {
  const isProse = /^[a-z]+[ ,]/.test(message) && partsOfText(message)[0]?.type !== 'COMMAND';
  return isProse ? `${message[0]?.toUpperCase()}${message.slice(1)}` : message;
}
