import type { FileKind } from '../file-kind.ts';

export const CLOUDFORMATION: FileKind = {
  what: 'a CloudFormation template',
  recognises: ({ text }) => text !== null && /AWSTemplateFormatVersion|\bAWS::\w+::\w+/.test(text),
  read: async ({ path }) => ({
    declarations: [],
    mistakes: [{ file: path, line: null, message: 'CloudFormation is not read yet' }],
    warnings: [],
  }),
};
