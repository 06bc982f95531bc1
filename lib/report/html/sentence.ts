/** A message with a capital at its beginning, unless it begins with a name or an ARN. */
export function sentence(message: string): string {
  return /^[a-z]+[ ,]/.test(message) ? `${message[0]?.toUpperCase()}${message.slice(1)}` : message;
}
