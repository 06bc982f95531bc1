import { textOf } from '../../domain/template/unknown.ts';

const DYNAMIC = /\{\{resolve:([^{}]{1,2000})\}\}|\[\[(servicecatalog:[^[\]]{1,2000})\]\]/g;

/**
 * CloudFormation User Guide, "Get values stored in other services using dynamic references", and Template Reference,
 * "AWS::ServiceCatalog transform".
 */
export function withoutDynamicReferences(text: string): string {
  if (!/\{\{resolve:|\[\[servicecatalog:/.test(text)) return text;
  return text.replace(DYNAMIC, (reference, stored?: string, output?: string) =>
    textOf({ written: reference, settledBy: `the value of ${stored ?? output}, in the place of the reference` }),
  );
}
