import type { FileKind, FileReading } from '../file-kind.ts';
import { declarationsOf } from './declarations.ts';
import { isBinaryPlan, isTerraform, readDocument } from './document.ts';

/** A plan or a state of Terraform or OpenTofu, as `terraform show -json` writes it. */
export const TERRAFORM: FileKind = {
  what: 'a plan of Terraform (terraform show -json)',
  recognises: ({ bytes, text, path }) => isBinaryPlan(bytes) || (text !== null && isTerraform(text, path)),
  read: async (file, options): Promise<FileReading> => {
    const { path, bytes, text } = file;
    if (text === null || isBinaryPlan(bytes)) {
      return refused(path, null, 'it is a binary plan: run terraform show -json FILE > plan.json');
    }
    const found = readDocument(file, text);
    if ('message' in found) return refused(path, found.line, found.message);
    const { document } = found;
    const isCut = document['errored'] === true;
    const message = 'Terraform stopped at an error while it planned: what comes after it is not in the plan';
    return {
      declarations: declarationsOf(document, file, options),
      mistakes: [],
      warnings: isCut ? [{ file: path, line: null, message }] : [],
    };
  },
};

function refused(file: string, line: number | null, message: string): FileReading {
  return { declarations: [], mistakes: [{ file, line, message }], warnings: [] };
}
