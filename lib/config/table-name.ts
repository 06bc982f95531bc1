import type { Mistake } from '../domain/providers/provider.ts';

/** DynamoDB API, `CreateTable`: a name has 3 to 255 of these characters; the ARN of a table will do as well. */
export function tableMistake(text: string): Mistake {
  const isName = /^(arn:[a-z-]+:dynamodb:[a-z0-9-]+:\d{12}:table\/)?[\w.-]{3,255}$/.test(text);
  return isName ? undefined : `expected the name of a DynamoDB table, got ${JSON.stringify(text)}`;
}
